#include "net/mail_watch.h"

#include <algorithm>
#include <chrono>

#include "net/errors.h"

namespace godwit::net {
namespace {

// A report of a mail server has the head of the letter that came back, seldom all of it.
constexpr uint64_t kReportBytesMax = 256 * 1024;
// A letter with sealed bytes has at least their base64 and a head.
constexpr uint64_t kLetterBytesMin = 200;

uint64_t letter_id(uint32_t uid_validity, uint32_t uid) { return uint64_t{uid_validity} << 32 | uid; }

Instant wall_clock() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace

MailWatch::MailWatch(MailAccount account, const MailOptions& options, LetterIds ids, std::unique_ptr<MailCurl> curl,
                     WatchReports reports)
    : account_(std::move(account)),
      options_(options),
      ids_(ids),
      curl_(std::move(curl)),
      reports_(std::move(reports)),
      thread_([this] { run(); }) {}

MailWatch::~MailWatch() {
  curl_->interrupt();
  thread_.join();
}

void MailWatch::expect() {
  const std::lock_guard lock(mutex_);
  expecting_ = true;
  curl_->wake();
}

void MailWatch::finish(uint64_t letter, bool remove) {
  const std::lock_guard lock(mutex_);
  if (unfinished_.erase(letter) == 0) return;
  if (remove) to_remove_.insert(letter);
  curl_->wake();
}

bool MailWatch::is_full() {
  const std::lock_guard lock(mutex_);
  return unfinished_.size() >= MailCarrier::kUnfinishedMax;
}

bool MailWatch::take_expecting() {
  const std::lock_guard lock(mutex_);
  return std::exchange(expecting_, false);
}

void MailWatch::run() {
  Duration pause = options_.retry_first;
  while (!curl_->interrupted()) {
    const Status watched = watch_once();
    if (curl_->interrupted()) return;
    if (!in_trouble_) pause = options_.retry_first;
    in_trouble_ = true;
    reports_.on_trouble(watched.error());
    const bool refused = watched.error().code.action == Action::kFix;
    const Duration wait = refused ? std::max(pause, MailCarrier::kLoginPause) : pause;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait.ms);
    while (!curl_->interrupted() && std::chrono::steady_clock::now() < until) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      curl_->sleep(milliseconds(left.count() + 1));
      if (take_expecting() && !refused) break;
    }
    pause = std::min(pause * 2, options_.retry_max);
  }
}

Status MailWatch::watch_once() {
  const auto box = TRY(MailBox::open(TRY(curl_->open_imap(account_))));
  if (box->uid_validity() != uid_validity_) {
    // The numbers mean other letters now, or it is the first time. Those handed out are found again.
    const std::lock_guard lock(mutex_);
    uid_validity_ = box->uid_validity();
    seen_ = 0;
    unfinished_.clear();
    to_remove_.clear();
  }
  if (std::exchange(in_trouble_, false)) reports_.on_watching();
  Duration pause = options_.poll_first;
  while (!curl_->interrupted()) {
    TRY(remove_finished(*box));
    const size_t found = TRY(look(*box));
    if (found == MailBox::kLooksMax && !is_full()) continue;  // there are more
    pause = found > 0 ? options_.poll_first : pause;
    curl_->sleep(is_full() ? options_.poll_max : pause);
    pause = std::min(milliseconds(pause.ms * 3 / 2), options_.poll_max);
    if (take_expecting()) pause = options_.poll_first;
  }
  return Error{kClosedByUs, "mail: interrupted"};
}

Status MailWatch::remove_finished(MailBox& box) {
  std::set<uint64_t> letters;
  {
    const std::lock_guard lock(mutex_);
    letters = to_remove_;
  }
  std::set<uint32_t> uids;
  for (const uint64_t each : letters) {
    if (each >> 32 == uid_validity_) uids.insert(static_cast<uint32_t>(each));
  }
  TRY(box.remove(uids));
  const std::lock_guard lock(mutex_);
  for (const uint64_t each : letters) to_remove_.erase(each);
  return {};
}

Result<size_t> MailWatch::look(MailBox& box) {
  if (is_full()) return size_t{0};
  std::optional<Instant> since;
  if (options_.days_back) since = wall_clock() - *options_.days_back;
  const std::vector<LetterSeen> found = TRY(box.look(seen_, since));
  for (const LetterSeen& each : found) {
    if (is_full()) return found.size();  // the next look goes on here
    TRY(examine(box, each));
    seen_ = each.uid;
  }
  return found.size();
}

Status MailWatch::examine(MailBox& box, const LetterSeen& seen) {
  const uint64_t bytes_max = seen.head.report ? kReportBytesMax : uint64_t{kLetterBytesMax};
  if (!seen.head.multipart || seen.size < kLetterBytesMin || seen.size > bytes_max) return {};
  auto text = box.fetch(seen.uid);
  if (!text) {
    if (text.error().code == kBadLetter) return {};
    return text.error();
  }
  if (seen.head.report) {
    std::string id = ids_.find_in(*text);
    if (!id.empty()) reports_.on_returned(std::move(id));
    return {};
  }
  auto attachment = read_attachment(*text);
  if (!attachment) return {};
  MailLetter letter{letter_id(uid_validity_, seen.uid), read_letter_head(*text), false, std::move(*attachment)};
  letter.answers_own = std::any_of(letter.head.answers.begin(), letter.head.answers.end(),
                                   [&](const std::string& each) { return ids_.is_ours(each); });
  {
    const std::lock_guard lock(mutex_);
    unfinished_.insert(letter.id);
  }
  reports_.on_letter(std::move(letter));
  return {};
}

}  // namespace godwit::net
