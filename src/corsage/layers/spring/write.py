"""The Java file that keeps a policy in Spring Boot: one filter in front of everything.

Spring's own CorsFilter cannot keep a policy, not with any CorsConfiguration: it answers 403 to
actual requests of other origins, refuses preflights itself where the browser would tell the reader
which method or header is missing, compares origins without case, and leaves the headers that
handlers set themselves (Spring Framework 7.0).
"""

from __future__ import annotations

from corsage.layers.application import Duties, Duty, duties, uses_hosts
from corsage.layers.origin_regex import origin_regex
from corsage.layers.python import actual_headers, preflight_headers
from corsage.layers.spring.java import call, constant, has_blocks, literal, strings
from corsage.layers.spring.paths import check, pattern
from corsage.layers.target import File
from corsage.policy.decide import PREFLIGHT_VARY
from corsage.policy.model import ANY, CorsPolicy, Policy, Route

_HEAD = """\
// CORS for the routes that this service answers itself. Written by `corsage render spring`:
// change the policy and render again, not this file.
//
//   @Import(cors.CorsPolicy.class) // beside @SpringBootApplication
//
// The filter stands in front of Spring Security, so preflights are not asked for a login and
// refusals carry the headers; http.cors(...) has nothing left to do. Remove @CrossOrigin,
// addCorsMappings and every CorsConfigurationSource: they answer 403 to other origins.
package cors;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
@STREAM@import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.server.PathContainer;
import org.springframework.util.StringUtils;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

@Configuration(proxyBeanMethods = false)
public class CorsPolicy {

"""

_ROUTES_FOLLOW = """
    // The most specific first. /billing/** takes /billing and /billing/x, not /billings.
"""

_UNROUTED_FOLLOW = """
    // A path without a route (a 404, as a rule): whoever may read anything may read it.
"""

_BEAN = f"""
    private static final String PREFLIGHT_VARY =
            "{PREFLIGHT_VARY}";

    @Bean
    FilterRegistrationBean<CorsPolicyFilter> corsPolicyFilter() {{
        var registration = new FilterRegistrationBean<>(new CorsPolicyFilter());
        // After ForwardedHeaderFilter, before Spring Security and all that may refuse a request.
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return registration;
    }}
"""

_FILTER = """
    static final class CorsPolicyFilter extends OncePerRequestFilter {

        @Override
        protected void doFilterInternal(
                HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            String origin = request.getHeader("Origin");
            Optional<Route> route = routeOf(request);
            List<Policy> policies = route.map(Route::policies).orElse(UNROUTED);
            Optional<Policy> granted =
                    policies.stream().filter(policy -> policy.admits(origin)).findFirst();

            if (isPreflight(request) && !route.map(Route::gateway).orElse(false)) {
                response.setStatus(granted.isPresent() ? 204 : 403);
                response.setHeader("Vary", PREFLIGHT_VARY);
                granted.ifPresent(
                        policy ->
                                policy.headers(origin, policy.preflight)
                                        .forEach(response::setHeader));
                return;
            }
            Map<String, String> headers =
                    granted.map(policy -> policy.headers(origin, policy.actual)).orElse(Map.of());
            boolean varies = !policies.stream().allMatch(Policy::anyOrigin);
            chain.doFilter(request, new OwnedResponse(response, headers, varies));
        }

        @Override
        protected boolean shouldNotFilterErrorDispatch() {
            return false; // what error pages set is dropped, too
        }

        private static Optional<Route> routeOf(HttpServletRequest request) {
            Object failed = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
            boolean error = request.getDispatcherType() == DispatcherType.ERROR && failed != null;
            var path = PathContainer.parsePath(error ? (String) failed : request.getRequestURI());
@FIND@
        }

        // Any other OPTIONS is an ordinary request.
        private static boolean isPreflight(HttpServletRequest request) {
            return "OPTIONS".equals(request.getMethod())
                    && StringUtils.hasLength(request.getHeader("Origin"))
                    && StringUtils.hasLength(request.getHeader("Access-Control-Request-Method"));
        }
    }

    /** A response whose CORS headers are the policy's, whatever handlers and libraries set. */
    private static final class OwnedResponse extends HttpServletResponseWrapper {

        private final Map<String, String> headers;
        private final boolean varies;

        OwnedResponse(HttpServletResponse response, Map<String, String> headers, boolean varies) {
            super(response);
            this.headers = headers;
            this.varies = varies;
            writeHeaders();
        }

        private void writeHeaders() {
            headers.forEach(super::setHeader);
            if (varies) {
                vary(super.getHeaders("Vary"));
            }
        }

        private void vary(Collection<String> lines) {
            var names = new TreeSet<String>(String.CASE_INSENSITIVE_ORDER);
            for (String line : lines) {
                names.addAll(List.of(StringUtils.tokenizeToStringArray(line, ",")));
            }
            names.add("Origin");
            super.setHeader("Vary", names.contains("*") ? "*" : String.join(", ", names));
        }

        @Override
        public void setHeader(String name, String value) {
            if (varies && "Vary".equalsIgnoreCase(name)) {
                vary(value == null ? List.of() : List.of(value));
            } else if (!isCors(name)) {
                super.setHeader(name, value);
            }
        }

        @Override
        public void addHeader(String name, String value) {
            if (varies && "Vary".equalsIgnoreCase(name)) {
                var lines = new ArrayList<>(getHeaders("Vary"));
                lines.add(value);
                vary(lines);
            } else if (!isCors(name)) {
                super.addHeader(name, value);
            }
        }

        @Override
        public void setIntHeader(String name, int value) {
            setHeader(name, String.valueOf(value));
        }

        @Override
        public void addIntHeader(String name, int value) {
            addHeader(name, String.valueOf(value));
        }

        @Override
        public void reset() {
            super.reset();
            writeHeaders();
        }

        private static boolean isCors(String name) {
            String lowered = name.toLowerCase(Locale.ROOT);
            return lowered.startsWith("access-control-") || lowered.equals("timing-allow-origin");
        }
    }
"""

_LOOKUP = """
    private static Policy policy(String name) {
        return POLICIES.stream().filter(it -> it.name.equals(name)).findFirst().orElseThrow();
    }
"""

_POLICY = """@LOOKUP@@LINES@
    private record Policy(
            String name,
            Set<String> origins, // "*": any
            List<Pattern> patterns,
            Map<String, String> preflight,
            Map<String, String> actual@TIMING@) {

        boolean anyOrigin() {
            return origins.contains("*");
        }

        boolean admits(String origin) {
            if (anyOrigin() || origin == null) {
                return anyOrigin();
            }
            // DNS has no room for more, and Java's regexes take stack for every label.
            return origins.contains(origin)
                    || origin.length() < 300
                            && patterns.stream().anyMatch(it -> it.matcher(origin).matches());
        }

        Map<String, String> headers(String origin, Map<String, String> others) {
            var headers = new LinkedHashMap<>(others);
            String allowed = anyOrigin() ? "*" : origin;
            headers.put("Access-Control-Allow-Origin", allowed);
@SET_TIMING@            return headers;
        }
    }
"""

_LINES = """
    private static Set<String> lines(String... blocks) {
        return Stream.of(blocks).flatMap(String::lines).collect(Collectors.toUnmodifiableSet());
    }
"""

_SET_TIMING = """\
            if (timing) {
                headers.put("Timing-Allow-Origin", allowed);
            }
"""

_ROUTE = """
    private record Route(PathPattern path, @HOST@boolean gateway, List<Policy> policies) {

        private static Route of(String path, boolean gateway, List<Policy> policies) {
            var pattern = PathPatternParser.defaultInstance.parse(path);
            return new Route(pattern, @NULL@gateway, policies);
        }
@FACTORIES@    }
"""

_FACTORIES: dict[Duty, str] = {
    "enforce": """
        static Route owned(String path, Policy policy) {
            return of(path, false, List.of(policy));
        }
""",
    "refuse": """
        /** Never for browsers. */
        static Route closed(String path) {
            return of(path, false, List.of());
        }
""",
    "leave": """
        /** The gateway in front writes the headers of this route. */
        static Route ofTheGateway(String path) {
            return of(path, true, List.of());
        }
""",
}

_ON_HOST = """
        Route on(String host) {
            return new Route(path, host, gateway, policies);
        }
"""

_FIND = """\
            return ROUTES.stream().filter(route -> route.path.matches(path)).findFirst();"""

_FIND_WITH_HOSTS = """\
            String host = request.getServerName();
            return ROUTES.stream()
                    .filter(route -> route.host == null || route.host.equalsIgnoreCase(host))
                    .filter(route -> route.path.matches(path))
                    .findFirst();"""


def files(policy: Policy) -> tuple[File, ...]:
    """``cors/CorsPolicy.java``, a configuration with one filter."""
    check(policy)
    todo = duties(policy)
    hosts = uses_hosts(policy)
    policies = [_policy(rules, timing=_times(todo)) for rules in todo.policies]
    body = "".join(
        [
            constant("Policy", "POLICIES", policies),
            _ROUTES_FOLLOW,
            constant("Route", "ROUTES", [_route(route, duty) for route, duty in todo.routes]),
            _UNROUTED_FOLLOW,
            constant("Policy", "UNROUTED", [_lookup(rules.name) for rules in todo.unrouted]),
            _BEAN,
            _FILTER.replace("@FIND@", _FIND_WITH_HOSTS if hosts else _FIND),
            _policy_record(todo),
            _route_record(todo, hosts=hosts),
            "}\n",
        ]
    )
    streams = {
        "import java.util.stream.Collectors;\n": "Collectors." in body,
        "import java.util.stream.Stream;\n": "Stream.of(" in body,
    }
    imports = "".join(line for line, used in streams.items() if used)
    return (File("cors/CorsPolicy.java", _HEAD.replace("@STREAM@", imports) + body),)


def _policy(rules: CorsPolicy, *, timing: bool) -> str:
    origins = rules.allow_origins
    exact = [ANY] if origins.any_origin else list(dict.fromkeys(origins.exact))
    regexes = [
        f"// {one}\n{' ' * 28}Pattern.compile({literal(origin_regex(one))})"
        for one in ([] if origins.any_origin else origins.patterns)
    ]
    arguments = [
        literal(rules.name),
        strings(exact, 20),
        call("List.of", regexes, 20),
        _map(preflight_headers(rules)),
        _map(actual_headers(rules)),
    ]
    if timing:
        arguments.append("true" if rules.allow_timing else "false")
    pad = " " * 20
    return "new Policy(\n" + ",\n".join(pad + one for one in arguments) + ")"


def _times(todo: Duties) -> bool:
    return any(rules.allow_timing for rules in todo.policies)


def _map(headers: dict[str, str]) -> str:
    pairs = [f"{literal(name)}, {literal(value)}" for name, value in headers.items()]
    return call("Map.of", pairs, 20)


def _lookup(name: str) -> str:
    return f"policy({literal(name)})"


def _route(route: Route, duty: Duty) -> str:
    path = literal(pattern(route))
    calls: dict[Duty, str] = {
        "enforce": f"Route.owned({path}, {_lookup(str(route.cors))})",
        "refuse": f"Route.closed({path})",
        "leave": f"Route.ofTheGateway({path})",
    }
    return calls[duty] + (f".on({literal(route.host)})" if route.host is not None else "")


def _policy_record(todo: Duties) -> str:
    timing = _times(todo)
    many = any(has_blocks(rules.allow_origins.exact) for rules in todo.policies)
    changes = {
        "@LOOKUP@": _LOOKUP if todo.policies else "",
        "@LINES@": _LINES if many else "",
        "@TIMING@": ",\n            boolean timing" if timing else "",
        "@SET_TIMING@": _SET_TIMING if timing else "",
    }
    return _filled(_POLICY, changes)


def _route_record(todo: Duties, *, hosts: bool) -> str:
    used = {duty for _, duty in todo.routes}
    factories = "".join(text for duty, text in _FACTORIES.items() if duty in used)
    changes = {
        "@HOST@": "String host, " if hosts else "",
        "@NULL@": "null, " if hosts else "",
        "@FACTORIES@": factories + (_ON_HOST if hosts else ""),
    }
    return _filled(_ROUTE, changes)


def _filled(text: str, changes: dict[str, str]) -> str:
    for mark, value in changes.items():
        text = text.replace(mark, value)
    return text
