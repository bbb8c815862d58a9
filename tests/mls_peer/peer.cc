#include "tests/mls_peer/peer.h"

#include <algorithm>

#include "mls/testing/group_access.h"
#include "mls/testing/suites.h"

namespace godwit::mls_peer {
namespace {

using mls::Group;

// As ts-mls makes them: 30 days.
constexpr Duration kLifetime = days(30);
// Nothing that a request needs is nested deeper.
constexpr int kDepthMax = 32;
// KeyPackageTBS's label (RFC 9420 §10).
constexpr std::string_view kKeyPackageLabel = "KeyPackageTBS";

Group& group_of(Client& client) {
  if (!client.group) throw Refusal("not in a group");
  return *client.group;
}

Group& active_group_of(Client& client) {
  if (client.removed) throw Refusal("removed from the group");
  return group_of(client);
}

Json state_of(Client& client) {
  const Group& group = group_of(client);
  return {{"groupId", to_base64(group.group_id())},
          {"epoch", group.epoch()},
          {"leaf", group.own_leaf().value},
          {"active", !client.removed && !group.ended_by()},
          {"epochAuthenticator", to_base64(group.epoch_authenticator())},
          {"treeHash", to_base64(group.tree_hash())},
          {"confirmedTranscriptHash", to_base64(mls::GroupAccess::state(group).context.confirmed_transcript_hash)},
          {"members", group.members().size()}};
}

Json with_state(Json answer, Client& client) {
  answer.update(state_of(client));
  return answer;
}

// The next epoch has begun, whoever began it.
void adopt(Client& client, Group next) {
  client.group = std::move(next);
  client.pending.reset();
  client.removed = false;
}

// A key package that never expires, as vectors have them.
void make_eternal(mls::KeyPackagePrivate& own) {
  mls::KeyPackageIn& package = own.key_package;
  package.leaf_node.lifetime = {0, UINT64_MAX};
  mls::sign_leaf_node(package.leaf_node, own.signature_key, {});
  package.signature.clear();
  Bytes to_be_signed = codec::encoded(package);
  to_be_signed.pop_back();  // the length of the signature, which is no part of KeyPackageTBS
  package.signature = mls::sign_with_label(own.signature_key, kKeyPackageLabel, to_be_signed);
}

mls::LeafIndex leaf_of(uint64_t number) { return {static_cast<uint32_t>(number)}; }

std::string_view name_of(mls::ProposalType type) {
  switch (type) {
    case mls::ProposalType::kAdd:
      return "add";
    case mls::ProposalType::kUpdate:
      return "update";
    case mls::ProposalType::kRemove:
      return "remove";
    case mls::ProposalType::kPsk:
      return "psk";
    case mls::ProposalType::kReInit:
      return "reinit";
    case mls::ProposalType::kExternalInit:
      return "external_init";
    case mls::ProposalType::kSelfRemove:
      return "self_remove";
    case mls::ProposalType::kGroupContextExtensions:
      return "group_context_extensions";
    default:
      return "another";
  }
}

Json leaf_or_null(const std::optional<mls::LeafIndex>& leaf) { return leaf ? Json(leaf->value) : Json(); }

Json leaves(const std::vector<mls::Member>& members) {
  Json out = Json::array();
  for (const mls::Member& one : members) out.push_back(one.leaf.value);
  return out;
}

Json parsed(const std::string& line) {
  if (line.size() > kLineSizeMax) throw Refusal("the line is too long");
  bool too_deep = false;
  const auto look = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDepthMax;
    return !too_deep;
  };
  Json out = Json::parse(line, look, false);
  if (too_deep) throw Refusal("nested too deeply");
  if (out.is_discarded()) throw Refusal("bad JSON");
  if (!out.is_object()) throw Refusal("a request is an object");
  return out;
}

}  // namespace

const std::map<std::string, Peer::Operation>& Peer::operations() {
  static const std::map<std::string, Operation> table = {
      {"keyPackage", &Peer::key_package},
      {"create", &Peer::create},
      {"join", &Peer::join},
      {"groupInfo", &Peer::group_info},
      {"externalJoin", &Peer::external_join},
      {"commit", &Peer::commit},
      {"merge", &Peer::merge},
      {"discard", &Peer::discard},
      {"propose", &Peer::propose},
      {"process", &Peer::process},
      {"encrypt", &Peer::encrypt},
      {"export", &Peer::export_secret},
      {"psk", &Peer::psk},
      {"info", &Peer::info},
      {"ratchetTree", &Peer::ratchet_tree},
      {"leave", &Peer::leave},
  };
  return table;
}

std::string Peer::answer(const std::string& line, Instant now) {
  Json id;
  Json out;
  try {
    const Json request = parsed(line);
    if (const auto found = request.find("id"); found != request.end()) id = *found;
    out = fulfil(request, now);
    out["ok"] = true;
  } catch (const Refusal& refusal) {
    out = {{"ok", false}, {"error", refusal.what()}};
  }
  out["id"] = std::move(id);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json Peer::fulfil(const Json& json, Instant now) {
  const Request request(json);
  const std::string op = request.text("op");
  if (op == "init") return init(request);
  const auto operation = operations().find(op);
  if (operation == operations().end()) throw Refusal("unknown op " + op);
  const auto client = clients_.find(request.text_or("client", "me"));
  if (client == clients_.end()) throw Refusal("no such client; init first");
  return (this->*operation->second)(client->second, request, now);
}

Json Peer::init(const Request& request) {
  const uint64_t number = request.has("suite") ? request.number("suite", UINT16_MAX) : 3;
  Client client;
  client.suite = fulfilled(mls::find_suite(mls::testing::suites_for_tests(), mls::CipherSuiteId(number)));
  client.identity = to_bytes(as_bytes(request.text_or("identity", "mls-peer")));
  if (request.has("padding") && request.number("padding", UINT32_MAX) > 0) client.padding = mls::Padding::kBuckets;
  const std::string name = request.text_or("client", "me");
  if (clients_.size() >= kClientsMax && !clients_.contains(name)) throw Refusal("too many clients");
  const Json out = {{"suite", number}, {"name", client.suite->name}};
  clients_.insert_or_assign(name, std::move(client));
  return out;
}

mls::LeafParameters Peer::fresh_leaf(const Client& client) {
  return {client.identity, crypto::Ed25519KeyPair::generate(random_), {}, {}};
}

Json Peer::key_package(Client& client, const Request& request, Instant now) {
  const bool reveal = request.flag("reveal");
  auto own = mls::KeyPackagePrivate::generate(*client.suite, fresh_leaf(client), kLifetime, random_, now);
  if (request.flag("eternal")) make_eternal(own);
  Json out = {{"keyPackage", to_base64(own.encode_message())},
              {"signatureKey", to_base64(own.key_package.leaf_node.signature_key)}};
  if (reveal) {
    out["initPriv"] = to_base64(own.init_key.reveal());
    out["encryptionPriv"] = to_base64(own.encryption_key.reveal());
    out["signaturePriv"] = to_base64(own.signature_key.seed.reveal());
  }
  client.packages.push_back(std::move(own));
  return out;
}

Json Peer::create(Client& client, const Request& request, Instant now) {
  const mls::GroupCreate parameters{request.bytes("groupId"), fresh_leaf(client), {}};
  adopt(client, fulfilled(Group::create(*client.suite, parameters, random_, now)));
  return state_of(client);
}

Json Peer::join(Client& client, const Request& request, Instant now) {
  const Bytes welcome = request.bytes("welcome");
  std::optional<Bytes> tree;
  if (request.has("ratchetTree")) tree = request.bytes("ratchetTree");
  const auto recipients = fulfilled(mls::welcome_recipients(welcome));
  const auto own = std::ranges::find_if(client.packages, [&](const mls::KeyPackagePrivate& one) {
    return std::ranges::find(recipients, one.ref(*client.suite)) != recipients.end();
  });
  if (own == client.packages.end()) throw Refusal("the Welcome is for no key package of this client");
  const mls::CipherSuite* const suites[] = {client.suite};
  adopt(client, fulfilled(Group::join(suites, welcome, *own, tree ? std::optional<ByteView>(*tree) : std::nullopt, now,
                                      client.psks)));
  client.packages.erase(own);
  return state_of(client);
}

Json Peer::group_info(Client& client, const Request& /*nothing*/, Instant /*now*/) {
  return {{"groupInfo", to_base64(active_group_of(client).group_info(true))}};
}

Json Peer::external_join(Client& client, const Request& request, Instant /*now*/) {
  mls::ExternalCommitRequest wanted;
  wanted.leaf = fresh_leaf(client);
  if (request.flag("resync")) {
    wanted.is_old_self = [&client](const mls::Member& member) { return member.identity == client.identity; };
  }
  const mls::CipherSuite* const suites[] = {client.suite};
  auto joined =
      fulfilled(Group::external_commit(suites, request.bytes("groupInfo"), std::nullopt, wanted, random_, client.psks));
  adopt(client, std::move(joined.group));
  return with_state({{"commit", to_base64(joined.commit)}}, client);
}

Json Peer::commit(Client& client, const Request& request, Instant now) {
  Group& group = active_group_of(client);
  mls::CommitRequest wanted;
  for (const Bytes& one : request.byte_list("add")) {
    wanted.add.push_back(fulfilled(mls::KeyPackage::parse(*client.suite, one, now)));
  }
  for (const uint64_t leaf : request.number_list("remove", UINT32_MAX)) wanted.remove.push_back(leaf_of(leaf));
  wanted.external_psks = request.byte_list("psk");
  wanted.pending_proposals = true;
  wanted.ratchet_tree_in_welcome = request.flag("tree", true);
  wanted.padding = client.padding;
  if (request.flag("public")) wanted.wire_format = mls::WireFormat::kPublicMessage;
  const bool apply = request.flag("apply", true);
  auto staged = fulfilled(group.stage_commit(wanted, random_, now, client.psks));
  Json out = {{"commit", to_base64(staged.commit)},
              {"welcome", staged.welcome ? Json(to_base64(*staged.welcome)) : Json()}};
  if (!wanted.ratchet_tree_in_welcome) out["ratchetTree"] = to_base64(staged.successor.ratchet_tree());
  if (apply) {
    adopt(client, std::move(staged.successor));
  } else {
    client.pending = std::move(staged.successor);
  }
  return with_state(std::move(out), client);
}

Json Peer::merge(Client& client, const Request& /*nothing*/, Instant /*now*/) {
  if (!client.pending) throw Refusal("nothing to merge");
  Group next = *std::exchange(client.pending, std::nullopt);
  adopt(client, std::move(next));
  return state_of(client);
}

Json Peer::discard(Client& client, const Request& /*nothing*/, Instant /*now*/) {
  client.pending.reset();
  return Json::object();
}

Json Peer::propose(Client& client, const Request& request, Instant now) {
  Group& group = active_group_of(client);
  mls::HandshakeFraming framing;
  framing.padding = client.padding;
  if (request.flag("public")) framing.wire_format = mls::WireFormat::kPublicMessage;
  const std::string type = request.text("type");
  const auto message = [&]() -> Result<Bytes> {
    if (type == "add") {
      const auto package = TRY(mls::KeyPackage::parse(*client.suite, request.bytes("keyPackage"), now));
      return group.propose_add(package, random_, now, framing);
    }
    if (type == "remove") return group.propose_remove(leaf_of(request.number("leaf", UINT32_MAX)), random_, framing);
    if (type == "update") return group.propose_update({}, random_, framing);
    throw Refusal("unknown proposal type " + type);
  };
  return {{"message", to_base64(fulfilled(message()))}};
}

Json Peer::process(Client& client, const Request& request, Instant now) {
  auto processed = fulfilled(active_group_of(client).process(request.bytes("message"), now, client.psks));
  if (const auto* application = std::get_if<mls::ApplicationMessage>(&processed)) {
    return {{"kind", "application"},
            {"data", to_base64(application->plaintext)},
            {"aad", to_base64(application->authenticated_data)},
            {"sender", application->sender.value}};
  }
  if (const auto* stored = std::get_if<mls::ProposalStored>(&processed)) {
    return with_state(
        {{"kind", "state"}, {"proposal", name_of(stored->type)}, {"proposer", leaf_or_null(stored->sender)}}, client);
  }
  auto& commit = std::get<mls::CommitProcessed>(processed);
  const Json out = {{"kind", "state"},
                    {"committer", leaf_or_null(commit.sender)},
                    {"added", leaves(commit.added)},
                    {"removed", leaves(commit.removed)},
                    {"updated", leaves(commit.updated)}};
  if (commit.successor) {
    adopt(client, std::move(*commit.successor));
  } else {
    client.removed = true;
    client.pending.reset();
  }
  return with_state(out, client);
}

Json Peer::encrypt(Client& client, const Request& request, Instant /*now*/) {
  const auto message =
      active_group_of(client).protect(request.bytes("data"), request.bytes_or_empty("aad"), random_, client.padding);
  return {{"message", to_base64(fulfilled(message))}};
}

Json Peer::export_secret(Client& client, const Request& request, Instant /*now*/) {
  const size_t size_max = 255 * client.suite->hash_size();
  const auto secret = group_of(client).exporter(request.text("label"), request.bytes_or_empty("context"),
                                                request.number("length", size_max));
  if (!secret) throw Refusal(std::string(secret.error().code.name) + ": " + secret.error().rule);
  return {{"secret", to_base64(secret->reveal())}};
}

Json Peer::psk(Client& client, const Request& request, Instant /*now*/) {
  Bytes id = request.bytes("pskId");
  auto secret = crypto::SecretBuffer::adopt(request.bytes("psk"));
  std::erase_if(client.psks, [&id](const mls::ExternalPsk& one) { return one.id == id; });
  client.psks.push_back({std::move(id), std::move(secret)});
  return Json::object();
}

Json Peer::info(Client& client, const Request& /*nothing*/, Instant /*now*/) {
  Json roster = Json::array();
  for (const mls::Member& one : group_of(client).members()) {
    roster.push_back({{"leaf", one.leaf.value},
                      {"identity", to_base64(one.identity)},
                      {"signatureKey", to_base64(one.signature_key)}});
  }
  return with_state({{"roster", std::move(roster)}}, client);
}

Json Peer::ratchet_tree(Client& client, const Request& /*nothing*/, Instant /*now*/) {
  return {{"ratchetTree", to_base64(group_of(client).ratchet_tree())}};
}

Json Peer::leave(Client& client, const Request& /*nothing*/, Instant /*now*/) {
  client.group.reset();
  client.pending.reset();
  client.removed = false;
  return Json::object();
}

}  // namespace godwit::mls_peer
