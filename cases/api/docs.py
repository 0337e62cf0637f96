"""The description of the API for programs (OpenAPI) and for people (one page to try it on)."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class Schema(SpectacularAPIView):
    """Open to everybody: it says nothing that the published source does not say."""


# The page of Swagger UI styles itself inline and draws its icons from data: addresses. Its scripts
# are files of ours, so no inline script is allowed, here or anywhere.
@method_decorator(csp_update({"style-src": [UNSAFE_INLINE], "img-src": ["data:"]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    """The endpoints on one page, to read and to try."""

    url_name = "api:schema"
