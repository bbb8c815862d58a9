#include "store/nats_library.h"

#include "store/errors.h"

namespace godwit::store {
namespace {

constexpr int64_t kConnectMs = 2'000;

Status use_tls(natsOptions* options, const NatsTls& tls) {
  if (tls.authorities.empty()) return {};
  const bool sets = natsOptions_SetSecure(options, true) == NATS_OK &&
                    natsOptions_LoadCATrustedCertificates(options, tls.authorities.c_str()) == NATS_OK;
  REQUIRE(sets, kNoAccess, "store: the NATS servers' authorities are certificates as PEM");
  if (tls.certificate.empty()) return {};
  REQUIRE(natsOptions_LoadCertificatesChain(options, tls.certificate.c_str(), tls.certificate_key.c_str()) == NATS_OK,
          kNoAccess, "store: this home's certificate for NATS fits its key");
  return {};
}

}  // namespace

Result<NatsConnectOptions> nats_connect_options(const NatsPlace& place, const NatsTls& tls, const char* name) {
  natsOptions* made = nullptr;
  REQUIRE(natsOptions_Create(&made) == NATS_OK, kUnavailable, "store: there is memory for a connection");
  NatsConnectOptions wanted(made);
  std::vector<const char*> servers;
  for (const std::string& server : place.servers) servers.push_back(server.c_str());
  REQUIRE(natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size())) == NATS_OK, kUnavailable,
          "store: the NATS servers have addresses");
  natsOptions_SetTimeout(made, kConnectMs);
  natsOptions_SetMaxReconnect(made, -1);
  natsOptions_SetReconnectWait(made, 250);
  natsOptions_SetSendAsap(made, true);
  natsOptions_SetFailRequestsOnDisconnect(made, true);
  natsOptions_SetPingInterval(made, 2'000);
  natsOptions_SetMaxPingsOut(made, 2);
  natsOptions_SetName(made, name);
  TRY(use_tls(made, tls));
  return wanted;
}

}  // namespace godwit::store
