"""The statistics page: daily figures for people who would rather look than read."""

from django_ding.admin.statistics.page import StatisticsAdmin

__all__ = ["StatisticsAdmin"]
