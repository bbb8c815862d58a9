#include "net/mail_box.h"

#include <algorithm>
#include <chrono>

#include "net/errors.h"

namespace godwit::net {
namespace {

// Of one command.
constexpr size_t kResponsesMax = 4'096;

constexpr const char*
    kHeadFields =
        "BODY.PEEK[HEADER.FIELDS (FROM SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES CONTENT-TYPE AUTO-SUBMITTED "
        "PRECEDENCE " "RETURN-PATH LIST-ID X-AUTOREPLY X-FAILED-RECIPIENTS)]";

std::string comma_list(const std::vector<uint32_t>& uids) {
  std::string out;
  for (const uint32_t uid : uids) out += (out.empty() ? "" : ",") + std::to_string(uid);
  return out;
}

// RFC 3501 §9: date = 1-Feb-1994.
std::string search_date(Instant when) {
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{when.day()}}};
  return std::to_string(static_cast<unsigned>(date.day())) + "-" + kMonths[static_cast<unsigned>(date.month()) - 1] +
         "-" + std::to_string(static_cast<int>(date.year()));
}

}  // namespace

Result<std::unique_ptr<MailBox>> MailBox::open(std::unique_ptr<MailStream> stream) {
  std::unique_ptr<MailBox> self(new MailBox(std::move(stream)));
  for (const ImapResponse& each : TRY(self->ask("CAPABILITY"))) {
    if ((" " + each.text + " ").find(" UIDPLUS ") != std::string::npos) self->uidplus_ = true;
  }
  for (const ImapResponse& each : TRY(self->ask("SELECT INBOX"))) {
    const auto validity = imap_code_number(each, "UIDVALIDITY");
    if (validity) self->uid_validity_ = *validity;
  }
  return self;
}

Result<ImapResponse> MailBox::receive() {
  for (;;) {
    auto response = TRY(reader_.next());
    if (response) return std::move(*response);
    reader_.feed(TRY(stream_->receive()));
  }
}

Result<std::vector<ImapResponse>> MailBox::ask(const std::string& command) {
  const std::string tag = "a" + std::to_string(++commands_);
  TRY(stream_->send(tag + " " + command + "\r\n"));
  std::vector<ImapResponse> out;
  size_t bytes = 0;
  for (;;) {
    ImapResponse response = TRY(receive());
    if (response.tag == tag) {
      REQUIRE(response.text.starts_with("OK") || response.text.starts_with("ok"), kBadImap,
              "imap: a command is refused");
      return out;
    }
    bytes += response.text.size();
    for (const auto& each : response.literals) bytes += each.bytes.size();
    REQUIRE(out.size() < kResponsesMax && bytes <= 2 * kImapResponseMax, kBadImap, "imap: an answer without end");
    out.push_back(std::move(response));
  }
}

Result<std::vector<uint32_t>> MailBox::search(const std::string& what) {
  std::vector<uint32_t> out;
  for (const ImapResponse& each : TRY(ask("UID SEARCH " + what))) {
    const auto found = imap_search(each);
    if (found) out.insert(out.end(), found->begin(), found->end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// "n:*" is never empty: it names the last letter even if that is an old one.
Result<std::vector<LetterSeen>> MailBox::look(uint32_t after, std::optional<Instant> since) {
  std::vector<uint32_t> uids = TRY(search("UID " + std::to_string(uint64_t{after} + 1) + ":* UNDELETED" +
                                          (since ? " SINCE " + search_date(*since) : std::string())));
  std::erase_if(uids, [&](uint32_t uid) { return uid <= after; });
  if (uids.size() > kLooksMax) uids.resize(kLooksMax);
  std::vector<LetterSeen> out;
  if (uids.empty()) return out;
  for (const ImapResponse& each :
       TRY(ask("UID FETCH " + comma_list(uids) + " (UID RFC822.SIZE " + kHeadFields + ")"))) {
    auto fetched = imap_fetch(each);
    if (!fetched || !fetched->size) continue;
    const bool asked = std::binary_search(uids.begin(), uids.end(), fetched->uid);
    if (asked) out.push_back({fetched->uid, *fetched->size, read_letter_head(fetched->body.value_or(""))});
  }
  // Those of which the server says nothing are gone; whoever asks goes on behind them.
  for (const uint32_t uid : uids) {
    if (std::none_of(out.begin(), out.end(), [&](const auto& each) { return each.uid == uid; }))
      out.push_back({uid, 0, {}});
  }
  std::sort(out.begin(), out.end(), [](const LetterSeen& a, const LetterSeen& b) { return a.uid < b.uid; });
  return out;
}

Result<std::string> MailBox::fetch(uint32_t uid) {
  const std::string bound = std::to_string(kLetterBytesMax + 1);
  for (const ImapResponse& each :
       TRY(ask("UID FETCH " + std::to_string(uid) + " (UID BODY.PEEK[]<0." + bound + ">)"))) {
    auto fetched = imap_fetch(each);
    if (!fetched || fetched->uid != uid || !fetched->body) continue;
    REQUIRE(fetched->body->size() <= kLetterBytesMax, kBadLetter, "mail: a letter is at most 2 MiB");
    return std::move(*fetched->body);
  }
  return Error{kBadLetter, "mail: the letter is gone"};
}

Status MailBox::remove(const std::set<uint32_t>& uids) {
  if (uids.empty()) return {};
  const std::string list = comma_list({uids.begin(), uids.end()});
  TRY(ask("UID STORE " + list + " +FLAGS.SILENT (\\Deleted)"));
  if (uidplus_) {
    TRY(ask("UID EXPUNGE " + list));
    return {};
  }
  for (const uint32_t deleted : TRY(search("DELETED"))) {
    if (!uids.contains(deleted)) return {};  // a person's, who may change his mind
  }
  TRY(ask("EXPUNGE"));
  return {};
}

}  // namespace godwit::net
