"""Spring Boot, with Spring MVC and Spring Security on Tomcat."""

from corsage.layers.spring.behave import behave
from corsage.layers.spring.fidelity import fidelity
from corsage.layers.spring.write import files
from corsage.layers.target import Target, Version, Versions

TARGET = Target(
    name="spring",
    title="Spring Boot",
    family="application",
    proven="Spring Boot 4.0.9 with Spring Security, Tomcat, Java 17",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Spring Boot",
        proven="4.0.9",
        rows=(
            Version("3.0", "jakarta.servlet in place of javax.servlet"),
            Version(
                "4.0",
                "a preflight that should have ended at the gateway gets a bare 200",
                before="Spring itself refuses it with 403",
            ),
        ),
    ),
)
