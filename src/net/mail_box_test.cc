#include "net/mail_box.h"

#include <gtest/gtest.h>

#include <deque>

#include "net/errors.h"

namespace godwit::net {
namespace {

/// A server whose every answer is written down beforehand; TAG stands for the command's tag.
class ScriptedStream final : public MailStream {
 public:
  ScriptedStream(std::deque<std::string> answers, std::vector<std::string>& commands)
      : answers_(std::move(answers)), commands_(commands) {}

  Status send(std::string_view text) override {
    const size_t space = text.find(' ');
    tag_ = text.substr(0, space);
    commands_.emplace_back(text.substr(space + 1, text.size() - space - 3));
    return {};
  }
  Result<Bytes> receive() override {
    if (answers_.empty()) return Error{kEof, "test: the server has hung up"};
    std::string answer = answers_.front();
    answers_.pop_front();
    answer.replace(answer.find("TAG"), 3, tag_);
    return to_bytes(as_bytes(answer));
  }

 private:
  std::deque<std::string> answers_;
  std::vector<std::string>& commands_;
  std::string tag_;
};

class mail_box : public ::testing::Test {
 protected:
  Result<std::unique_ptr<MailBox>> open(std::deque<std::string> answers, bool uidplus = true) {
    answers.push_front("* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\nTAG OK done\r\n");
    answers.push_front(uidplus ? "* CAPABILITY IMAP4rev1 UIDPLUS IDLE\r\nTAG OK\r\n"
                               : "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n");
    return MailBox::open(std::make_unique<ScriptedStream>(std::move(answers), commands_));
  }
  std::vector<std::string> commands_;
};

TEST_F(mail_box, looks_only_behind_what_was_seen_and_peeks) {
  const auto
      box = open(
                {"* SEARCH 9 12 11\r\nTAG OK\r\n",
                 "* 5 FETCH (UID 11 RFC822.SIZE 100 BODY[HEADER.FIELDS (FROM)] {21}\r\nFrom: " "a@b.example\r\n\r\n)"
                                                                                               "\r\n" "* 9 FETCH "
                                                                                                      "(FLAGS (\\Seen) "
                                                                                                      "UID 3)\r\nTAG "
                                                                                                      "OK\r\n"})
                .value();
  EXPECT_EQ(box->uid_validity(), 77U);
  const auto seen = box->look(10, Instant{1'795'659'228'000}).value();
  ASSERT_EQ(seen.size(), 2U) << "9 is an old one, as \"n:*\" gives it";
  EXPECT_EQ(seen[0].uid, 11U);
  EXPECT_EQ(seen[0].head.from, "a@b.example");
  EXPECT_EQ(seen[1].uid, 12U) << "nothing was said of it: it is passed over";
  EXPECT_EQ(commands_[2], "UID SEARCH UID 11:* UNDELETED SINCE 26-Nov-2026");
  EXPECT_NE(commands_[3].find("UID FETCH 11,12 (UID RFC822.SIZE BODY.PEEK["), std::string::npos);
}

TEST_F(mail_box, fetches_one_letter_and_no_other) {
  const auto box =
      open({"* 1 FETCH (UID 4 BODY[]<0> {3}\r\nabc)\r\n* 2 FETCH (UID 5 BODY[]<0> {3}\r\ndef)\r\nTAG OK\r\n",
            "TAG OK nothing there\r\n"})
          .value();
  EXPECT_EQ(box->fetch(5).value(), "def");
  EXPECT_EQ(box->fetch(6).error().code, kBadLetter);
}

TEST_F(mail_box, removes_by_number_where_the_server_can) {
  const auto box = open({"TAG OK\r\n", "TAG OK\r\n"}).value();
  EXPECT_TRUE(box->remove({4, 7}).has_value());
  EXPECT_EQ(commands_[2], "UID STORE 4,7 +FLAGS.SILENT (\\Deleted)");
  EXPECT_EQ(commands_[3], "UID EXPUNGE 4,7");
  EXPECT_TRUE(box->remove({}).has_value());
  EXPECT_EQ(commands_.size(), 4U);
}

TEST_F(mail_box, without_uidplus_nobody_elses_letters_are_expunged) {
  const auto box =
      open({"TAG OK\r\n", "* SEARCH 4 5\r\nTAG OK\r\n", "TAG OK\r\n", "* SEARCH 4\r\nTAG OK\r\n", "TAG OK\r\n"}, false)
          .value();
  EXPECT_TRUE(box->remove({4}).has_value());
  EXPECT_EQ(commands_.back(), "UID SEARCH DELETED") << "5 is somebody's own, marked and not yet gone";
  EXPECT_TRUE(box->remove({4}).has_value());
  EXPECT_EQ(commands_.back(), "EXPUNGE");
}

TEST_F(mail_box, refusals_and_hang_ups_are_errors) {
  EXPECT_EQ(open({"TAG NO not now\r\n"}).value()->look(0, {}).error().code, kBadImap);
  EXPECT_EQ(open({"* BYE\r\nTAG BAD what\r\n"}).value()->fetch(1).error().code, kBadImap);
  EXPECT_EQ(open({}).value()->look(0, {}).error().code, kEof);
}

}  // namespace
}  // namespace godwit::net
