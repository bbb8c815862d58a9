#pragma once
// The keys of the configuration file that say who may connect, and how an operator looks at a home that runs. Inside config.cc only.

#include "store/nats_store.h"

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

/// The same for those that say where the store is.
template <typename ConfigLike, typename Visit>
void for_each_store_key(ConfigLike& config, const Visit& visit) {
  visit("store",
        "Folder of the store; or \"nats://host:port,host:port,host:port/name\": a stream of a NATS cluster, which one home at a time has;\n"
        "others with the same keys wait until it ends or dies (docs/operations.md, \"The store on NATS\").",
        config.store);
  visit("nats_authorities",
        "PEM file of the authorities that sign the NATS servers' certificates, with the names of `store`: then NATS is spoken in TLS. And this "
        "home's own\ncertificate and its key, where the servers want one (`verify: true`). Empty: neither; right on one machine only.",
        config.nats_authorities);
  visit("nats_certificate", "", config.nats_certificate);
  visit("nats_certificate_key", "", config.nats_certificate_key);
  visit("nats_lease_seconds",
        "A home that was silent for so long has lost its store on NATS to one that waits. The same in all of them; 2 at least. Less is "
        "a\nquicker take-over, and more of them where nobody has died.",
        config.nats_lease);
  visit("nats_bytes_max",
        "Bytes of what is stored on NATS, all of which this home has in memory too, where it takes more (docs/operations.md says how much). "
        "Above,\nchanges are refused.",
        config.nats_bytes_max);
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

/// A key whose value is of the right type and still cannot be.
struct Misfit {
  const char* key = nullptr;  ///< nothing: all is well
  const char* wanted = "";
};

/// What is wrong with the keys of a store on NATS.
template <typename ConfigLike>
Misfit check_nats(const ConfigLike& config) {
  if (store::names_nats(config.store) && !store::parse_nats_place(config.store))
    return {"store", "be nats://host:port,host:port/name: without users, the name of letters, digits, - and _"};
  if (!config.nats_certificate.empty() && (config.nats_authorities.empty() || config.nats_certificate_key.empty()))
    return {"nats_certificate", "come with nats_authorities and nats_certificate_key"};
  if (config.nats_lease < seconds(2)) return {"nats_lease_seconds", "be 2 or more"};
  if (config.nats_bytes_max < uint64_t{1} << 20) return {"nats_bytes_max", "be 1,048,576 or more"};
  return {};
}

}  // namespace godwit::home
