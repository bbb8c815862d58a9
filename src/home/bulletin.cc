#include "home/bulletin.h"

#include <algorithm>

#include "crypto/hash.h"

namespace godwit::home {
namespace {

// Of everybody's bulletin: the rest of the places is for the home's own routes.
constexpr size_t kPublicBridgesMax = 3;

wire::Bulletin base_of(const BulletinPlan& plan, Instant now) {
  wire::Bulletin bulletin;
  bulletin.number = now.unix_seconds() / 3600 * 3600;
  bulletin.day = now.day();
  bulletin.expires_day = bulletin.day + kBulletinDays;
  bulletin.mails = plan.mails;
  bulletin.urls = plan.urls;
  bulletin.pin = plan.pin;
  bulletin.mails.resize(std::min(bulletin.mails.size(), wire::kBulletinMailsMax));
  bulletin.urls.resize(std::min(bulletin.urls.size(), wire::kBulletinUrlsMax));
  bulletin.sealing_key.resize(wire::kSealingKeySize);
  return bulletin;
}

size_t size_of(const wire::Bulletin& bulletin) {
  return wire::encode_signed_bulletin({{}, wire::encode_bulletin(bulletin), Bytes(crypto::kEd25519SignatureSize)})
      .size();
}

// What decode_bulletin takes as a place.
bool is_sayable(const std::string& text) {
  return !text.empty() && text.size() <= wire::kRouteSizeMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool fits(const wire::Bulletin& bulletin) { return size_of(bulletin) <= wire::kBulletinSizeMax; }

// As many of both as there is room for: bridges first, since they are what one has a bulletin for; own routes go in front.
void add_routes(wire::Bulletin& bulletin, std::vector<std::string> own, std::vector<std::string> bridges) {
  std::erase_if(own, [](const std::string& route) { return !is_sayable(route); });
  own.resize(std::min(own.size(), wire::kBulletinRoutesMax));
  bridges.resize(std::min(bridges.size(), wire::kBulletinRoutesMax - std::min<size_t>(own.size(), 1)));
  own.resize(std::min(own.size(), wire::kBulletinRoutesMax - bridges.size()));
  while (true) {
    bulletin.routes = own;
    bulletin.routes.insert(bulletin.routes.end(), bridges.begin(), bridges.end());
    if (fits(bulletin) || (own.size() <= 1 && bridges.empty())) break;
    (own.size() > 1 ? own : bridges).pop_back();
  }
  if (!fits(bulletin)) bulletin.routes.clear();
}

std::vector<std::string> public_bridges(const BulletinPlan& plan) {
  std::vector<std::string> routes;
  for (const Bridge& bridge : plan.bridges) {
    if (bridge.is_public && routes.size() < kPublicBridgesMax) routes.push_back(bridge.route);
  }
  return routes;
}

}  // namespace

std::vector<std::string> bridges_of(const Bucket& bucket, const BulletinPlan& plan, const Keys& keys) {
  const auto key = crypto::hmac_sha256(keys.bulletin.seed.reveal(), as_bytes("godwit bridges 1"));
  std::vector<std::pair<crypto::Sha256Digest, std::string>> scored;
  for (const Bridge& bridge : plan.bridges) {
    if (bridge.is_public) continue;
    Bytes subject = to_bytes(bucket.mailbox.view());
    append(subject, as_bytes(bridge.route));
    scored.emplace_back(crypto::hmac_sha256(key, subject), bridge.route);
  }
  std::sort(scored.rbegin(), scored.rend());
  std::vector<std::string> routes;
  for (const auto& [score, route] : scored) {
    if (routes.size() < bucket.size) routes.push_back(route);
  }
  return routes;
}

wire::SignedBulletin make_bulletin(const Keys& keys, const BulletinPlan& plan, const std::optional<Bucket>& bucket,
                                   Instant now) {
  wire::Bulletin bulletin = base_of(plan, now);
  bulletin.home = wire::HomeKey{keys.identity.public_key};
  bulletin.sealing_key = to_bytes(keys.sealing.public_key);
  add_routes(bulletin, plan.routes, bucket ? bridges_of(*bucket, plan, keys) : public_bridges(plan));
  wire::SignedBulletin out{wire::BulletinKey{keys.bulletin.public_key}, wire::encode_bulletin(bulletin), {}};
  Bytes message = to_bytes(as_bytes(wire::kBulletinLabel));
  append(message, out.body);
  out.signature = to_bytes(keys.bulletin.sign(message));
  return out;
}

bool bulletins_fit(const BulletinPlan& plan) {
  if (plan.mails.size() > wire::kBulletinMailsMax || plan.urls.size() > wire::kBulletinUrlsMax) return false;
  std::vector<std::string> longest;
  for (const Bridge& bridge : plan.bridges) {
    if (!bridge.is_public) longest.push_back(bridge.route);
  }
  std::sort(longest.begin(), longest.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  longest.resize(std::min<size_t>(longest.size(), kBucketMax));
  for (const auto& bridges : {longest, public_bridges(plan)}) {
    wire::Bulletin bulletin = base_of(plan, {});
    bulletin.pin = wire::CertificatePin{};
    if (!plan.routes.empty() && is_sayable(plan.routes.front())) bulletin.routes.push_back(plan.routes.front());
    bulletin.routes.insert(bulletin.routes.end(), bridges.begin(), bridges.end());
    if (!fits(bulletin) || !wire::decode_bulletin(wire::encode_bulletin(bulletin))) return false;
  }
  return true;
}

}  // namespace godwit::home
