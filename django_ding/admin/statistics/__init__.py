"""The statistics page: daily statistics of verifications, costs and conversion."""
