// Lives of a group of up to six, told by the input, one step a byte: messages, proposals, commits and races, between them
// messages that are spoilt. Whoever hears a commit is where its sender is; a spoilt message that is refused changes nothing,
// and the true one is heard after it.

#include "fuzz/mls_fuzz_common.h"

using namespace godwit;
using namespace godwit::mls;

namespace {

constexpr size_t kMembersMax = 6;
constexpr size_t kStepsMax = 24;

// Group::process of somebody who is shown a spoilt copy first.
Result<Processed> hear(Group& group, const Bytes& message, uint8_t spoilt_at) {
  if (spoilt_at != 0) {
    Bytes copy = message;
    copy[spoilt_at * copy.size() / 256] ^= spoilt_at;
    const auto before = stored_form(group);
    const auto processed = group.process(copy, fuzz::kNow);
    ASSERT(!processed.has_value());
    ASSERT(stored_form(group) == before);
  }
  return group.process(message, fuzz::kNow);
}

class Life {
 public:
  explicit Life(ByteView input) : input_(input) {
    members_.push_back(
        Group::create(suite_0x0003(), {Bytes(16, 1), fuzz::parameters("0"), {}}, random_, fuzz::kNow).value());
  }

  void live() {
    for (size_t i = 0; i < kStepsMax && !input_.empty(); ++i) step(next());
  }

 private:
  uint8_t next() {
    if (input_.empty()) return 0;
    const uint8_t out = input_.front();
    input_ = input_.subspan(1);
    return out;
  }

  void step(uint8_t what) {
    const size_t who = (what >> 3) % members_.size();
    switch (what & 7) {
      case 0:
        speak(who);
        break;
      case 1:
        tell(who, members_[who].propose_update({}, random_));
        break;
      case 2:
        tell(who, members_[who].propose_remove(members_[next() % members_.size()].own_leaf(), random_));
        break;
      case 3:
        invite(who);
        break;
      case 4:
        commit(who, {});
        break;
      case 5:
        remove(who);
        break;
      case 6:
        members_[who] = Group::restore(suites_default(), GroupAccess::records(members_[who])).value();
        break;
      default:
        race(who);
        break;
    }
  }

  void speak(size_t who) {
    const auto message = members_[who].protect(as_bytes("hello"), as_bytes("to all"), random_);
    if (!message) return;  // proposals wait
    for (size_t i = 0; i < members_.size(); ++i) {
      if (i == who) continue;
      const auto heard = hear(members_[i], *message, next());
      ASSERT(heard.has_value() && std::get<ApplicationMessage>(*heard).sender == members_[who].own_leaf());
    }
  }

  // A proposal reaches everybody but its sender, or nobody if its sender could not make it.
  void tell(size_t who, const Result<Bytes>& message) {
    if (!message) return;
    for (size_t i = 0; i < members_.size(); ++i) {
      if (i != who) ASSERT(hear(members_[i], *message, next()).has_value());
    }
  }

  void invite(size_t who) {
    if (members_.size() >= kMembersMax) return;
    const auto joiner = fuzz::candidate(std::to_string(++names_), random_);
    CommitRequest request;
    request.add.push_back(fuzz::published(joiner));
    const auto welcome = commit(who, std::move(request));
    if (welcome) members_.push_back(Group::join(suites_default(), *welcome, joiner, std::nullopt, fuzz::kNow).value());
  }

  void remove(size_t who) {
    const size_t whom = next() % members_.size();
    if (whom == who) return;
    CommitRequest request;
    request.remove.push_back(members_[whom].own_leaf());
    commit(who, std::move(request));
  }

  // Two commits for one epoch: the second is of no use to anybody.
  void race(size_t who) {
    const auto late = members_[(who + 1) % members_.size()].stage_commit({}, random_, fuzz::kNow);
    commit(who, {});
    for (Group& one : members_) {
      if (late) ASSERT(!one.process(late->commit, fuzz::kNow).has_value());
    }
  }

  std::optional<Bytes> commit(size_t who, CommitRequest request) {
    request.pending_proposals = (next() & 1) == 0;
    auto staged = members_[who].stage_commit(request, random_, fuzz::kNow);
    if (!staged) return std::nullopt;
    std::vector<Group> after;
    for (size_t i = 0; i < members_.size(); ++i) {
      if (i == who) continue;
      auto heard = hear(members_[i], staged->commit, next());
      ASSERT(heard.has_value());
      auto& processed = std::get<CommitProcessed>(*heard);
      if (!processed.successor) continue;
      ASSERT(equal(processed.successor->epoch_authenticator(), staged->successor.epoch_authenticator()));
      after.push_back(std::move(*processed.successor));
    }
    after.push_back(std::move(staged->successor));
    members_ = std::move(after);
    return staged->welcome;
  }

  ByteView input_;
  crypto::SeededRandom random_{1};
  std::vector<Group> members_;
  int names_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool ready = crypto::initialise();
  ASSERT(ready);
  Life(ByteView(data, size)).live();
  return 0;
}
