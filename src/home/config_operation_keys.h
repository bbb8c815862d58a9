#pragma once
// The keys of the configuration file that say who may connect, and how an operator looks at a home that runs. Inside config.cc only.

namespace godwit::home {

/// `visit(name, explanation, value)` for each of them.
template <typename ConfigLike, typename Visit>
void for_each_operation_key(ConfigLike& config, const Visit& visit) {
  visit("metrics_port",
        "A port of 127.0.0.1, and of no other address, where `GET /metrics` gives counts as OpenMetrics (Prometheus). No line names\n"
        "anybody, but whoever keeps them keeps when how much was going on, which the home itself does not. 0: none.",
        config.metrics_port);
  visit("log_json",
        "true: each line on standard error is a JSON object. false: time, level, event, and then name=value.",
        config.log_json);
}

/// The same for those that say who may connect, and how often.
template <typename ConfigLike, typename Visit>
void for_each_session_key(ConfigLike& config, const Visit& visit) {
  auto& limits = config.options.limits;
  visit("sessions_max", "Connections at once.", limits.sessions_max);
  visit("pipes_source_max", "Of these from one address (of IPv6: from one /64). Not behind a proxy.",
        limits.pipes_source_max);
  visit("output_bytes_max", "Bytes that wait for slow clients in all; above it those that read least are cut off.",
        limits.output_bytes_max);
  visit("strangers_source_max",
        "Connections from one address that are no session yet; one beyond is closed before it costs anything.",
        limits.strangers_source_max);
  visit("connects_source_burst", "New connections from one address at once, and then so many a second; the same.",
        limits.connects_source_burst);
  visit("connects_source_per_second", "", limits.connects_source_per_second);
  visit("handshakes_per_second", "With more new connections than this clients have to work for a handshake.",
        limits.handshakes_per_second);
  visit("handshakes_source_burst",
        "Full handshakes of one address at once, and then one in so many seconds; others are told when to come back.",
        limits.handshakes_source_burst);
  visit("handshakes_source_seconds", "", limits.handshakes_source_interval);
}

}  // namespace godwit::home
