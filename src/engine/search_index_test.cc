#include "engine/search_index.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/record_key.h"

namespace godwit::engine {
namespace {

class Search : public testing::Test {
 protected:
  SearchStore store() {
    SearchStore out;
    out.load = [this](const Bytes& first, const Bytes& last, uint32_t count_max, const auto& done) {
      SearchStore::Records found;
      for (auto it = records.lower_bound(first); it != records.end() && it->first < last && found.size() < count_max;
           ++it) {
        found.emplace_back(it->first, it->second);
      }
      done(std::move(found));
    };
    out.put = [this](Bytes key, Bytes value) {
      largest = std::max(largest, value.size());
      records.insert_or_assign(std::move(key), std::move(value));
    };
    out.erase = [this](const Bytes& key) { records.erase(key); };
    return out;
  }
  void restart() {
    index->store_state();
    index = std::make_unique<SearchIndex>(store());
    for (const auto& [key, value] : records) {
      const auto kind = static_cast<RecordKind>(key.front());
      const bool wanted = kind == RecordKind::kSearchState || kind == RecordKind::kSearchSegment;
      EXPECT_TRUE(!wanted || index->restore(key, value));
    }
  }
  void add(uint64_t position, std::string_view text, int64_t sent_ms = 0, const ChatId& chat = {}) {
    index->add({chat, position, sent_ms != 0 ? sent_ms : static_cast<int64_t>(position), false, {}}, text);
  }
  std::vector<uint64_t> find(std::string_view query, const SearchIndex::Filter& filter = {}) {
    std::vector<uint64_t> out;
    index->find(parse_query(query), filter, [&](const std::vector<SearchDoc>& docs) {
      for (const SearchDoc& doc : docs) out.push_back(doc.position);
    });
    return out;
  }
  bool is_anywhere(std::string_view text) const {
    for (const auto& [key, value] : records) {
      if (as_text(value).find(text) != std::string_view::npos || as_text(key).find(text) != std::string_view::npos)
        return true;
    }
    return false;
  }
  std::map<Bytes, Bytes> records;
  size_t largest = 0;
  std::unique_ptr<SearchIndex> index = std::make_unique<SearchIndex>(store());
};

using Places = std::vector<uint64_t>;

TEST(SearchWords, case_accents_and_widths_do_not_matter) {
  EXPECT_EQ(words_of("Crème BRÛLÉE, Ёлка! Ｆｕｌｌ"), (std::vector<std::string>{"creme", "brulee", "елка", "full"}));
  EXPECT_EQ(words_of("Straße über Łódź İzmir ǵ"), (std::vector<std::string>{"strasse", "uber", "lodz", "izmir", "ǵ"}));
  EXPECT_EQ(words_of("e\u0301t\u200be"), (std::vector<std::string>{"ete"}));
  EXPECT_EQ(words_of("東京 Việt"), (std::vector<std::string>{"東", "京", "viet"}));
  EXPECT_EQ(words_of("«»… — 12:30"), (std::vector<std::string>{"12", "30"}));
  EXPECT_EQ(stem_of("собаками"), stem_of("собака"));
  EXPECT_EQ(stem_of("running"), stem_of("runs"));
  EXPECT_EQ(words_of(std::string(1000, 'x')).at(0).size(), kWordSizeMax - 3);
}

TEST(SearchWords, a_query_has_words_phrases_and_an_unfinished_end) {
  const SearchQuery query = parse_query("green \"old house\" gard");
  EXPECT_TRUE(fits_query(query, "A garden, green, with an old house in it"));
  EXPECT_FALSE(fits_query(query, "A garden, green, with a house that is old"));
  EXPECT_FALSE(fits_query(parse_query("gard "), "garden")) << "a finished word";
  EXPECT_TRUE(fits_query(parse_query("собака"), "с собаками"));
  EXPECT_FALSE(fits_query(parse_query("\"собака\""), "с собаками")) << "exactly";
  EXPECT_TRUE(parse_query(" ... \"\"").words.empty());
  EXPECT_EQ(parse_query(std::string(10'000, 'a') + " b").words.size(), 2U);
}

TEST_F(Search, words_are_found_in_memory_in_segments_and_after_a_restart) {
  add(1, "the dogs are running");
  add(2, "a dog sleeps");
  add(3, "собаки бегут");
  const auto check = [&] {
    EXPECT_EQ(find("dog"), (Places{2, 1}));
    EXPECT_EQ(find("dog run "), (Places{1}));
    EXPECT_EQ(find("slee"), (Places{2}));
    EXPECT_EQ(find("runni"), (Places{1})) << "longer than its stem, and unfinished";
    EXPECT_EQ(find("собака"), (Places{3}));
    EXPECT_EQ(find("cat"), Places{});
  };
  check();
  index->flush();
  EXPECT_EQ(index->tail_size(), 0U);
  check();
  restart();
  check();
  EXPECT_EQ(index->through({}), 3U);
}

TEST_F(Search, filters_hold_everywhere) {
  ChatId other;
  ASSERT_TRUE(ChatId::from(Bytes(16, 7), other));
  index->add({{}, 1, 100, false, {1, 1, 1, 1}}, "tea");
  index->add({other, 2, 200, true, {2, 2, 2, 2}}, "tea");
  for (int i = 0; i < 2; ++i) {
    SearchIndex::Filter filter;
    filter.chat = other;
    EXPECT_EQ(find("tea", filter), Places{2});
    filter = {};
    filter.until_ms = 200;
    EXPECT_EQ(find("tea", filter), Places{1});
    filter = {};
    filter.since_ms = 101;
    EXPECT_EQ(find("tea", filter), Places{2});
    filter = {};
    filter.has_file = true;
    EXPECT_EQ(find("tea", filter), Places{2});
    filter = {};
    filter.sender = ByteArray<4>{1, 1, 1, 1};
    EXPECT_EQ(find("tea", filter), Places{1});
    index->flush();
  }
}

TEST_F(Search, what_is_forgotten_is_not_found_and_leaves_the_records_with_the_next_merge) {
  add(1, "secretword one");
  add(2, "two");
  index->flush();
  add(3, "otherword three");
  index->forget({{}, 1});
  index->forget({{}, 3});
  EXPECT_EQ(find("secretword"), Places{});
  EXPECT_EQ(find("otherword"), Places{});
  restart();
  EXPECT_EQ(find("secretword"), Places{}) << "before it is rewritten, too";
  EXPECT_TRUE(is_anywhere("secretword"));
  index->merge();
  EXPECT_FALSE(index->merging());
  EXPECT_FALSE(is_anywhere("secretword"));
  EXPECT_EQ(find("two"), Places{2});
}

TEST_F(Search, what_is_forgotten_stays_hidden_while_other_segments_are_merged) {
  // A large segment with the word, and four small ones that are merged without it.
  for (uint64_t position = 1; position <= 4; ++position) {
    add(position, position == 1 ? "secretword" : "filler");
    index->flush();
  }
  index->merge(false);
  ASSERT_EQ(index->segments(), 1U);
  for (uint64_t position = 5; position <= 8; ++position) {
    add(position, "filler");
    index->flush();
  }
  index->forget({{}, 1});
  index->merge(false);
  EXPECT_EQ(index->segments(), 2U);
  EXPECT_EQ(find("secretword"), Places{});
  index->merge(true);
  EXPECT_EQ(find("secretword"), Places{});
  EXPECT_FALSE(is_anywhere("secretword"));
  EXPECT_EQ(find("filler").size(), 7U);
}

TEST_F(Search, a_changed_message_is_found_by_what_it_says_now) {
  add(1, "before");
  add(2, "beside");
  index->flush();
  index->change({{}, 1});
  add(1, "after");
  EXPECT_EQ(find("before"), Places{});
  EXPECT_EQ(find("after"), Places{1});
  EXPECT_EQ(index->changed().size(), 1U) << "to be read again after a start";
  add(3, "new");
  index->flush();
  EXPECT_EQ(find("after"), Places{1});
  EXPECT_EQ(find("before"), Places{});
  index->merge();
  index->flush();
  EXPECT_EQ(find("after"), Places{1});
  EXPECT_EQ(find("before"), Places{});
  EXPECT_TRUE(index->changed().empty());
  restart();
  EXPECT_EQ(find("after"), Places{1});
}

// Against a plain look at every text.
TEST_F(Search, a_hundred_thousand_messages_are_merged_and_all_found) {
  const std::vector<std::string> kWords{"alpha", "beta", "gamma", "delta", "дом",
                                        "лес",   "tree", "river", "stone", "cloud"};
  uint64_t seed = 1;
  const auto dice = [&](uint64_t sides) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (seed >> 33) % sides;
  };
  std::vector<std::string> texts{""};
  for (uint64_t position = 1; position <= 100'000; ++position) {
    std::string text;
    for (int i = 0; i < 6; ++i) text += kWords[dice(kWords.size())] + " " + std::to_string(dice(5'000)) + "x ";
    add(position, text);
    texts.push_back(std::move(text));
    if (index->tail_size() == kSearchTailMax) {
      index->flush();
      while (index->merging() || (index->merge(), index->merging())) {
      }
    }
  }
  EXPECT_LE(index->segments(), 3 * kSearchFanIn);
  EXPECT_LE(largest, 64U * 1024) << "records stay small";
  for (const std::string query : {"alpha beta gamma", "777x", "cloud 12x", "дом 4999x", "nowhere", "ston 99x "}) {
    const SearchQuery parsed = parse_query(query);
    Places wanted;
    for (uint64_t position = 100'000; position > 0; --position) {
      if (fits_query(parsed, texts[position])) wanted.push_back(position);
    }
    Places got;
    for (const uint64_t each : find(query)) {
      if (fits_query(parsed, texts[each])) got.push_back(each);
    }
    EXPECT_EQ(got.size(), wanted.size()) << query;
    EXPECT_TRUE(got == wanted) << query;
  }
}

}  // namespace
}  // namespace godwit::engine
