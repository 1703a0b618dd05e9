"""django-cors-headers low in MIDDLEWARE: what answers above it never meets it."""

import sys

import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from werkzeug.serving import make_server


def health(get_response):
    """A middleware that answers by itself."""

    def middleware(request):
        if request.path.startswith("/health"):
            return HttpResponse("up")
        return get_response(request)

    return middleware


settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="not one",
    INSTALLED_APPS=["corsheaders"],
    MIDDLEWARE=[f"{__name__}.health", "corsheaders.middleware.CorsMiddleware"],
    CORS_ALLOW_ALL_ORIGINS=True,
)
urlpatterns = [path("", lambda request: HttpResponse("fine"))]
django.setup()

if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application

    make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application()).serve_forever()
