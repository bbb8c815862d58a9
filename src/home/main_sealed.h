#pragma once
// Sealed requests that somebody carried here in a file: a list of them is answered by the home that runs on the folder (a
// question left there, as by `audit`), or on its store if none runs.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "home/home.h"
#include "home/main.h"

namespace godwit::home {

/// Sealed requests in one question, and their bytes.
inline constexpr size_t kQuestionRequestsMax = 10'000;
inline constexpr size_t kQuestionBytesMax = 256U << 20;
/// What answers a list, in its order: nothing for those that get no answer.
using SealedReplies = std::vector<std::optional<Bytes>>;

/// Gives sealed requests to a home, a few at a time, and hands the answers back to whoever brought them: by mail, in a
/// file. The only user of Home::sealed_arrived() of its home.
class SealedDesk {
 public:
  /// At the home at once; the others wait here.
  static constexpr size_t kAtOnce = 32;

  /// `home` must outlive this object.
  explicit SealedDesk(Home& home) : home_(home) {}
  /// Gives one. `answered` is called once, from inside take().
  void give(Bytes sealed, Instant now, std::function<void(Result<Bytes>)> answered);
  /// Takes an answer of the home.
  void take(SealedAnswer answer, Instant now);

 private:
  struct Waiting {
    Bytes sealed;
    std::function<void(Result<Bytes>)> answered;
  };
  void go_on(Instant now);

  Home& home_;
  std::deque<Waiting> waiting_;
  std::map<SealedArrivalId, std::function<void(Result<Bytes>)>> at_home_;
  uint64_t next_ = 1;
};

/// Has all of `sealed` answered; `done` is called once, from inside a call to the desk, or at once if there are none.
void give_all(SealedDesk& desk, const std::vector<Bytes>& sealed, Instant now, std::function<void(SealedReplies)> done);

/// The same from another program: by the running home, or on the store of the folder. kExitRunning and others are said on
/// standard error; kBadRecord: too many or too large; kUnavailable: the running home does not answer.
Result<SealedReplies> answer_sealed(const Place& place, const Config& config, const std::vector<Bytes>& sealed);

/// What was asked, and by whom (main_questions.h).
struct SealedQuestion {
  std::string asker;
  std::vector<Bytes> sealed;
};
/// A question in the folder, taken out of it by the running home; nothing if there is none. Nonsense is passed over.
std::optional<SealedQuestion> take_sealed_question(const Place& place);
/// Its answer. kBadKeyFile: it cannot be written.
Status write_sealed_answer(const Place& place, const std::string& asker, const SealedReplies& replies);

}  // namespace godwit::home
