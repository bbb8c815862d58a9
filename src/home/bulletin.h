#pragma once
// What a home says of itself (wire/bulletin.h), and to whom it tells which bridges. Pure; nothing is kept but the month in which
// a mailbox first asked (records.h, BridgesRecord).

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "home/keys.h"
#include "wire/bulletin.h"
#include "wire/ids.h"

namespace godwit::home {

/// A bridge in front of this home.
struct Bridge {
  std::string route;       ///< URI
  bool is_public = false;  ///< told to everybody; else to a few mailboxes each
};
/// Bridges of one home at most.
inline constexpr size_t kBridgesMax = 1'000;
/// Private bridges told to one mailbox: at first, and after two months.
inline constexpr uint32_t kBucketFirst = 2;
inline constexpr uint32_t kBucketMax = 4;
/// How long a bulletin is good.
inline constexpr uint32_t kBulletinDays = 14;

/// What there is to say.
struct BulletinPlan {
  std::vector<std::string> routes;  ///< of the home itself, best first
  std::vector<std::string> mails;
  std::vector<std::string> urls;
  std::optional<wire::CertificatePin> pin;
  std::vector<Bridge> bridges;
  std::string page;  ///< no part of bulletins: what wire::PageLook is answered with
};

/// Whose bulletin it is.
struct Bucket {
  wire::MailboxId mailbox;
  uint32_t size = kBucketFirst;  ///< private bridges in it
};

/// The months (of 30 days, since 1970) in which mailboxes grow older.
constexpr uint32_t month_of(Instant time) { return time.day() / 30; }
/// How many private bridges a mailbox is told in `month` that first asked in `first`.
constexpr uint32_t bucket_size(uint32_t first, uint32_t month) {
  const uint32_t age = month > first ? month - first : 0;
  return age > kBucketMax - kBucketFirst ? kBucketMax : kBucketFirst + age;
}

/// The private bridges of one mailbox: those for which HMAC-SHA256(key, mailbox || route) is largest, so that the choice stays
/// when others come and go, and nobody without the key can tell who has which.
std::vector<std::string> bridges_of(const Bucket& bucket, const BulletinPlan& plan, const Keys& keys);

/// The bulletin of `now`: for everybody, or with the bridges of one mailbox. What does not fit (wire::kBulletinRoutesMax,
/// kBulletinSizeMax) is left out: own routes but for the first, then bridges, from the last on.
wire::SignedBulletin make_bulletin(const Keys& keys, const BulletinPlan& plan, const std::optional<Bucket>& bucket,
                                   Instant now);
/// Whether every bulletin of this plan has room for what is said beside the routes, for one own route, and for its bridges.
/// False: the operator has to say less.
bool bulletins_fit(const BulletinPlan& plan);

}  // namespace godwit::home
