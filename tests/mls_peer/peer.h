#pragma once
// A live MLS peer for tests against other implementations: one request a line, one answer a line, both JSON, in the form
// that ts-mls-peer's README gives. Suites: those of tests (mls/testing/suites.h) and our own.
//
// It is not a client: it keeps nothing, trusts every key package and every member, and gives private keys away if asked.

#include <map>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "mls/group.h"
#include "tests/mls_peer/request.h"

namespace godwit::mls_peer {

/// The longest request: a ratchet tree of some ten thousand leaves.
constexpr size_t kLineSizeMax = size_t{64} << 20;
/// How many clients live in one process: more than any scenario has.
constexpr size_t kClientsMax = 10'000;

/// One member, of one group at a time.
struct Client {
  const mls::CipherSuite* suite = nullptr;
  Bytes identity;
  mls::Padding padding = mls::Padding::kNone;
  std::vector<mls::KeyPackagePrivate> packages;  ///< Published and not used yet.
  std::vector<mls::ExternalPsk> psks;
  std::optional<mls::Group> group;
  std::optional<mls::Group> pending;  ///< The epoch after a commit made with `apply` false.
  bool removed = false;               ///< From `group`, which is the last epoch that it saw.
};

/// Answers requests; clients live as long as it does.
class Peer {
 public:
  /// `random` must outlive the peer.
  explicit Peer(Random& random) : random_(random) {}

  /// The answer to one line, without a line's end; never fails: what is wrong with the line stands in `error`.
  std::string answer(const std::string& line, Instant now);

 private:
  using Operation = Json (Peer::*)(Client&, const Request&, Instant);
  static const std::map<std::string, Operation>& operations();

  Json fulfil(const Json& request, Instant now);
  Json init(const Request& request);
  Json key_package(Client& client, const Request& request, Instant now);
  Json create(Client& client, const Request& request, Instant now);
  Json join(Client& client, const Request& request, Instant now);
  Json group_info(Client& client, const Request& request, Instant now);
  Json external_join(Client& client, const Request& request, Instant now);
  Json commit(Client& client, const Request& request, Instant now);
  Json merge(Client& client, const Request& request, Instant now);
  Json discard(Client& client, const Request& request, Instant now);
  Json propose(Client& client, const Request& request, Instant now);
  Json process(Client& client, const Request& request, Instant now);
  Json encrypt(Client& client, const Request& request, Instant now);
  Json export_secret(Client& client, const Request& request, Instant now);
  Json psk(Client& client, const Request& request, Instant now);
  Json info(Client& client, const Request& request, Instant now);
  Json ratchet_tree(Client& client, const Request& request, Instant now);
  Json leave(Client& client, const Request& request, Instant now);

  mls::LeafParameters fresh_leaf(const Client& client);

  Random& random_;
  std::map<std::string, Client> clients_;
};

}  // namespace godwit::mls_peer
