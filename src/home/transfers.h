#pragma once
// Requests that come in parts (wire::PartPut), and the replies to them until they were fetched: a bounded table in memory.
// Pure. It knows neither sessions nor what is asked; a restart forgets it, and clients begin again.
//
// Who fills it does not shut out others. When it is full the finished transfer with the largest reply for what it
// brought gives way (of equals the oldest), so that large replies to small requests flush only each other; else the one that brought the
// least for the time it has been there: a drip, or many begun and left, go before those that get on. No transfer is older than
// kLivesMax lives, however often it is touched.

#include <list>
#include <map>
#include <optional>
#include <utility>

#include "base/time.h"
#include "wire/replies.h"

namespace godwit::home {

/// Bounds of one table.
struct TransferLimits {
  uint32_t transfers_max = 0;  ///< At once.
  uint32_t beginner_max = 0;   ///< Of these begun by one; above, his own oldest is given up.
  uint64_t bytes_max = 0;      ///< Requests and replies together.
  Duration life;               ///< After the last touch.
};

/// See above.
class Transfers {
 public:
  /// Whose it is (empty: of the anonymous sessions) and its id.
  using Name = std::pair<Bytes, wire::TransferId>;
  /// What a transfer costs beside its bytes; counted with them.
  static constexpr size_t kOverhead = 512;
  /// The longest life of a transfer, in lives.
  static constexpr int64_t kLivesMax = 6;
  /// A transfer is taken to be so much older than it is when its pace is compared, so that a moment does not decide.
  static constexpr Duration kPaceFloor = seconds(5);

  explicit Transfers(const TransferLimits& limits) : limits_(limits) {}

  /// Takes a part. The whole request, once, when nothing is missing: the caller does it and says finish(). Nothing: it is not
  /// complete, is being done or is done; see state(). kNoSuchTransfer, kQuotaFull; kMalformed: another total, or other bytes
  /// than before.
  Result<std::optional<Bytes>> put(const Name& name, const Bytes& beginner, const wire::PartPut& part, Instant now);
  /// Keeps the encoded reply to a request that put() gave; unknown ones, forgotten meanwhile, are ignored.
  void finish(const Name& name, Bytes reply, Instant now);
  /// Keeps a request of `total` bytes that was done without put(), and its reply. Does nothing if the name is known.
  void keep(const Name& name, const Bytes& beginner, uint32_t total, Bytes reply, Instant now);
  /// How it stands, with at most `reply_bytes` of the reply from `offset` on. kNoSuchTransfer; kMalformed: beyond the reply.
  Result<wire::PartState> state(const Name& name, uint32_t offset, uint32_t reply_bytes, Instant now);
  /// True if there is one of that name.
  bool knows(const Name& name, Instant now) { return find(name, now) != nullptr; }

  /// Forgets what was not touched for a life.
  void expire(Instant now);
  /// When expire() has something to do.
  Instant next_expiry() const { return table_.empty() ? kNever : table_.front().touched + limits_.life; }
  /// How many there are.
  size_t size() const { return table_.size(); }
  /// What they hold, with kOverhead.
  uint64_t bytes() const { return bytes_; }

 private:
  enum class Stage : uint8_t { kGathering, kDoing, kFinished };
  struct Transfer {
    Name name;
    Bytes beginner;
    uint32_t total = 0;
    Stage stage = Stage::kGathering;
    Bytes request;  // while gathering
    Bytes reply;    // when finished
    size_t counted = 0;
    Instant begun{};
    Instant touched{};
  };
  using Table = std::list<Transfer>;

  Transfer* find(const Name& name, Instant now);
  Result<Transfer*> begin(const Name& name, const Bytes& beginner, uint32_t total, Instant now);
  Status make_room(size_t transfers, size_t bytes, const Transfer* but, Instant now);
  void count(Transfer& transfer);
  void erase(Table::iterator which);

  const TransferLimits limits_;
  Table table_;  // touched last at the end
  std::map<Name, Table::iterator> by_name_;
  std::map<Bytes, uint32_t> by_beginner_;
  uint64_t bytes_ = 0;
};

}  // namespace godwit::home
