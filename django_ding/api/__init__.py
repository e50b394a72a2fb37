"""The REST API for mobile apps: serializers validate shape, services decide, views translate."""
