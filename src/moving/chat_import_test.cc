#include "moving/chat_import.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/errors.h"
#include "imports/errors.h"

namespace godwit::moving {
namespace {

constexpr ErrorCode kNotThere{1, Action::kFix, "not_there"};
constexpr ErrorCode kDiskFull{2, Action::kRetryLater, "disk_full"};

// An export in memory. A file that is called "broken" breaks off.
class MemorySource : public ImportSource {
 public:
  explicit MemorySource(std::string text) : text_(std::move(text)) {}
  std::map<std::string, std::string> files;
  Result<Pieces> chat() override { return pieces_of(text_, false); }
  Result<Pieces> media(const std::string& path) override {
    const auto found = files.find(path);
    REQUIRE(found != files.end(), kNotThere, "a file of the export");
    return pieces_of(found->second, path.find("broken") != std::string::npos);
  }
  bool has(const std::string& path) override { return files.contains(path); }
  std::string name() const override { return "WhatsApp Chat with Anna.txt"; }

 private:
  static Pieces pieces_of(const std::string& text, bool breaks_off) {
    return [text, breaks_off, at = size_t{0}]() mutable -> Result<ByteView> {
      REQUIRE(at < text.size() || !breaks_off, imports::kZipDamaged, "an entry is whole");
      const size_t size = std::min<size_t>(7, text.size() - at);
      at += size;
      return as_bytes(text).subspan(at - size, size);
    };
  }
  std::string text_;
};

class MemoryMedia : public MediaFolder {
 public:
  std::map<std::string, std::string> kept;
  std::optional<std::string> part;
  bool full = false;
  Status begin() override {
    part = "";
    return {};
  }
  Status write(ByteView piece) override {
    REQUIRE(!full, kDiskFull, "room for media");
    *part += as_text(piece);
    return {};
  }
  Status keep(const std::string& name) override {
    kept[name] = *part;
    part.reset();
    return {};
  }
  Result<bool> keep_if_new(const std::string& name) override {
    const bool is_new = !kept.contains(name);
    if (is_new) TRY(keep(name));
    return is_new;
  }
  void drop() override { part.reset(); }
  Status sync() override { return {}; }
};

// Takes everything but what says "bad".
class MemoryHost : public ImportHost {
 public:
  std::vector<engine::ImportEntry> taken;
  std::vector<size_t> batches;
  Result<engine::ImportDone> take(const engine::ImportMessages& batch) override {
    for (const engine::ImportEntry& each : batch.messages) {
      REQUIRE(each.text.find("bad") == std::string::npos, engine::kNotText, "a text of people");
    }
    batches.push_back(batch.messages.size());
    taken.insert(taken.end(), batch.messages.begin(), batch.messages.end());
    engine::ImportDone done{};
    done.stored = static_cast<uint32_t>(batch.messages.size());
    return done;
  }
  Status look_up() override { return {}; }
  int64_t from_local(int64_t local_ms) override { return local_ms - 3'600'000; }
  void show(uint64_t) override {}
};

struct Import {
  explicit Import(std::string text) : source(std::move(text)) {}
  MemorySource source;
  MemoryMedia media;
  MemoryHost host;
  ImportCounts counts;
  Status run(ImportWishes wishes = {}) { return import_chats(host, source, media, wishes, counts); }
};

const std::string kText =
    "12/31/20, 9:41 PM - Anna: happy new year\n"
    "12/31/20, 9:42 PM - Boris: a.jpg (file attached)\n"
    "12/31/20, 9:43 PM - Boris: broken.jpg (file attached)\n"
    "12/31/20, 9:44 PM - Anna: again\n";

TEST(ChatImport, files_get_the_name_of_what_is_in_them_and_one_that_breaks_off_leaves_nothing) {
  Import import(kText);
  import.source.files = {{"a.jpg", "a picture"}, {"broken.jpg", "half a pic"}};
  ASSERT_TRUE(import.run({.name = {}, .me = "Boris", .older_of = {}}));
  EXPECT_EQ(import.counts.stored, 4u);
  EXPECT_EQ(import.counts.own, 2u);
  EXPECT_EQ(import.counts.media, 1u);
  EXPECT_EQ(import.counts.missing, 1u);
  EXPECT_FALSE(import.media.part.has_value());
  ASSERT_EQ(import.media.kept.size(), 1u);
  EXPECT_EQ(import.media.kept.begin()->second, "a picture");
  EXPECT_EQ(import.host.taken[1].media, import.media.kept.begin()->first);
  EXPECT_TRUE(import.media.kept.begin()->first.ends_with("-a.jpg"));
  EXPECT_TRUE(import.host.taken[2].omitted);
  EXPECT_EQ(import.host.taken[2].media, "broken.jpg");
}

TEST(ChatImport, a_full_disk_ends_it_and_what_was_read_before_is_taken_in) {
  Import import(kText);
  import.source.files = {{"a.jpg", "a picture"}};
  import.media.full = true;
  const Status done = import.run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, kDiskFull);
  EXPECT_EQ(import.counts.stored, 1u);
  EXPECT_TRUE(import.media.kept.empty());
}

TEST(ChatImport, a_message_that_the_engine_refuses_is_left_out_and_named_and_the_others_are_not) {
  Import import(kText + "12/31/20, 9:45 PM - Clara: bad\n12/31/20, 9:46 PM - Anna: last\n");
  ASSERT_TRUE(import.run());
  EXPECT_EQ(import.counts.stored, 5u);
  EXPECT_EQ(import.counts.skipped, 1u);
  ASSERT_EQ(import.counts.skipped_ones.size(), 1u);
  EXPECT_EQ(import.counts.skipped_ones[0].sender, "Clara");
}

TEST(ChatImport, batches_end_where_their_texts_are_as_large_as_was_wished) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "12/31/20, 9:41 PM - Anna: " + std::string(1000, 'x') + std::to_string(i) + "\n";
  Import import(text);
  ASSERT_TRUE(import.run({.name = {}, .me = {}, .older_of = {}, .batch_bytes = 10'000}));
  EXPECT_EQ(import.counts.stored, 40u);
  EXPECT_GE(import.host.batches.size(), 4u);
}

TEST(ChatImport, equal_messages_are_counted_and_times_are_those_of_the_clock_of_the_host) {
  Import import("12/31/20, 9:41 PM - Anna: ha\n12/31/20, 9:41 PM - Anna: ha\n");
  ASSERT_TRUE(import.run());
  ASSERT_EQ(import.host.taken.size(), 2u);
  EXPECT_EQ(import.host.taken[0].repeat, 0u);
  EXPECT_EQ(import.host.taken[1].repeat, 1u);
  EXPECT_EQ(import.host.taken[0].sent_at.ms, 1'609'450'860'000 - 3'600'000);
}

TEST(ChatImport, what_is_no_export_is_refused) {
  Import import("Dear diary\n");
  EXPECT_EQ(import.run().error().code, imports::kNotExport);
}

}  // namespace
}  // namespace godwit::moving
