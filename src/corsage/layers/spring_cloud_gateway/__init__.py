"""Spring Cloud Gateway (WebFlux): an application.yml."""

from corsage.layers.spring_cloud_gateway.target import TARGET

__all__ = ["TARGET"]
