#include "engine/search_index.h"

#include <algorithm>
#include <set>
#include <utility>

#include "codec/codec.h"
#include "engine/errors.h"
#include "engine/record_key.h"

namespace godwit::engine {
namespace {

// Documents of one term in one entry; a term with more has several, which stand one after another.
constexpr size_t kDocsInEntry = 4000;
// How much shorter a stem may be than what was typed of its word.
constexpr size_t kEndingMax = 4;

Bytes number_bytes(uint64_t number) {
  codec::Writer writer;
  writer.u64(number);
  return writer.take();
}
Bytes block_key(RecordKind kind, uint64_t segment, uint64_t block) {
  return record_key(kind, number_bytes(segment), block);
}

}  // namespace

// ---- records -------------------------------------------------------------------------------------------------------

Bytes SearchIndex::encode_entry(const Entry& entry) {
  codec::Writer writer;
  writer.opaque(as_bytes(entry.term));
  writer.varint(static_cast<uint32_t>(entry.docs.size()));
  uint32_t before = 0;
  for (const uint32_t doc : entry.docs) {
    writer.varint(doc - before);
    before = doc;
  }
  return writer.take();
}

// Sealed records are our own; one that does not read is as if it ended there: something is not found, and nothing breaks.
std::vector<SearchIndex::Entry> SearchIndex::decode_entries(ByteView block) {
  std::vector<Entry> out;
  codec::Reader reader(block);
  while (!reader.at_end()) {
    const auto term = reader.opaque();
    if (!term) break;
    const auto count = reader.varint();
    if (!count || *count > reader.rest().size()) break;
    Entry entry{std::string(as_text(*term)), {}};
    uint32_t doc = 0;
    for (uint32_t i = 0; i < *count; ++i) {
      const auto step = reader.varint();
      if (!step) return out;
      doc += *step;
      entry.docs.push_back(doc);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

Status SearchIndex::restore(ByteView key, ByteView value) {
  constexpr const char* kRule = "a record of the search is well-formed";
  if (!key.empty() && key.front() == static_cast<uint8_t>(RecordKind::kSearchState)) {
    Bytes bytes = to_bytes(value);
    if (!bytes.empty() && bytes.front() == 1) append(bytes, codec::encoded(std::vector<Mark>{}));
    auto state = codec::decoded<State>(bytes);
    REQUIRE(state.has_value(), kProfileDamaged, kRule);
    state_ = std::move(*state);
    state_.version = State{}.version;
    return {};
  }
  auto segment = codec::decoded<Segment>(value);
  REQUIRE(segment.has_value(), kProfileDamaged, kRule);
  segments_.insert_or_assign(segment->number, std::move(*segment));
  return {};
}

void SearchIndex::sweep() {
  if (state_.building == 0 || merge_) return;
  erase_blocks(RecordKind::kSearchTerms, state_.building);
  erase_blocks(RecordKind::kSearchDocs, state_.building);
  state_.building = 0;
  changed_state_ = true;
}

void SearchIndex::erase_blocks(RecordKind kind, uint64_t segment) {
  const Bytes first = record_key(kind, number_bytes(segment));
  store_.load(first, after_prefix(first), UINT32_MAX, [this](const SearchStore::Records& records) {
    for (const auto& [key, value] : records) store_.erase(key);
  });
}

void SearchIndex::store_state() {
  if (std::exchange(changed_state_, false)) store_.put(record_key(RecordKind::kSearchState), codec::encoded(state_));
}

uint64_t SearchIndex::through(const ChatId& chat) const {
  for (const Mark& mark : state_.marks) {
    if (mark.chat == chat) return mark.through;
  }
  return 0;
}

void SearchIndex::load_block(uint64_t segment, size_t block, std::function<void(Bytes)> done) {
  store_.load(block_key(RecordKind::kSearchTerms, segment, block),
              block_key(RecordKind::kSearchTerms, segment, block + 1), 1,
              [done = std::move(done)](SearchStore::Records records) {
                done(records.empty() ? Bytes{} : std::move(records.front().second));
              });
}

void SearchIndex::load_docs(uint64_t segment, std::function<void(std::vector<SearchDoc>)> done) {
  const Bytes first = record_key(RecordKind::kSearchDocs, number_bytes(segment));
  store_.load(first, after_prefix(first), UINT32_MAX, [done = std::move(done)](SearchStore::Records records) {
    std::vector<SearchDoc> docs;
    for (const auto& [key, value] : records) {
      auto block = codec::decoded<std::vector<SearchDoc>>(value);
      if (!block) break;
      docs.insert(docs.end(), block->begin(), block->end());
    }
    done(std::move(docs));
  });
}

// ---- writing -------------------------------------------------------------------------------------------------------

// Puts one segment, block by block; docs first, then terms in their order.
class SearchIndex::Writer {
 public:
  Writer(const SearchStore& store, uint64_t number, uint32_t level) : store_(store) {
    segment_.number = number;
    segment_.level = level;
  }
  void add(const SearchDoc& doc) {
    docs_.push_back(doc);
    ++segment_.docs;
    if (docs_.size() == kSearchDocsInBlock) end_docs();
  }
  // Terms come in their order, the documents of one term in theirs.
  void add(const std::string& term, const Postings& docs) {
    if (term != pending_.term) end_entry();
    pending_.term = term;
    for (const uint32_t doc : docs) {
      pending_.docs.push_back(doc);
      if (pending_.docs.size() == kDocsInEntry) end_entry();
    }
  }
  Segment finish() {
    end_docs();
    end_entry();
    end_terms();
    store_.put(record_key(RecordKind::kSearchSegment, number_bytes(segment_.number)), codec::encoded(segment_));
    return std::move(segment_);
  }

 private:
  void end_docs() {
    if (docs_.empty()) return;
    store_.put(block_key(RecordKind::kSearchDocs, segment_.number, doc_blocks_++), codec::encoded(docs_));
    docs_.clear();
  }
  void end_entry() {
    if (pending_.docs.empty()) return;
    if (terms_.empty()) segment_.firsts.push_back(pending_.term);
    append(terms_, encode_entry(pending_));
    pending_.docs.clear();
    if (terms_.size() >= kSearchBlockSize) end_terms();
  }
  void end_terms() {
    if (terms_.empty()) return;
    store_.put(block_key(RecordKind::kSearchTerms, segment_.number, segment_.firsts.size() - 1),
               std::exchange(terms_, {}));
  }
  const SearchStore& store_;
  Segment segment_;
  std::vector<SearchDoc> docs_;
  uint64_t doc_blocks_ = 0;
  Entry pending_;
  Bytes terms_;
};

void SearchIndex::add(const SearchDoc& doc, std::string_view text) {
  const auto number = static_cast<uint32_t>(tail_docs_.size());
  if (!tail_places_.emplace(SearchPlace{doc.chat, doc.position}, number).second) return;
  tail_docs_.push_back(doc);
  for (const std::string& word : words_of(text)) {
    Postings& postings = tail_terms_[stem_of(word)];
    if (postings.empty() || postings.back() != number) postings.push_back(number);
  }
}

void SearchIndex::change(const SearchPlace& place) {
  const bool in_segment = place.position <= through(place.chat);
  forget(place);
  if (!in_segment || std::find(state_.changed.begin(), state_.changed.end(), place) != state_.changed.end()) return;
  state_.changed.push_back(place);
  changed_state_ = true;
}

void SearchIndex::forget(const SearchPlace& place) {
  if (const auto found = tail_places_.find(place); found != tail_places_.end()) {
    tail_docs_[found->second] = {};  // its number stays, and names nothing
    tail_places_.erase(found);
  }
  const size_t before = std::erase(state_.changed, place);
  if (place.position > through(place.chat)) return void(changed_state_ = changed_state_ || before > 0);
  if (std::find(state_.forgotten.begin(), state_.forgotten.end(), place) == state_.forgotten.end()) {
    state_.forgotten.push_back(place);
  }
  changed_state_ = true;
}

void SearchIndex::drop(const ChatId& chat) {
  const auto first = tail_places_.lower_bound({chat, 0});
  auto at = first;
  for (; at != tail_places_.end() && at->first.chat == chat; ++at) tail_docs_[at->second] = {};
  tail_places_.erase(first, at);
}

bool SearchIndex::is_in(const std::vector<Mark>& marks, const SearchDoc& doc) {
  return std::ranges::any_of(marks,
                             [&](const Mark& mark) { return mark.chat == doc.chat && doc.position <= mark.through; });
}

void SearchIndex::forget_chat(const ChatId& chat, uint64_t through, bool whole) {
  const SearchPlace first{chat, 0};
  for (auto it = tail_places_.lower_bound(first); it != tail_places_.end() && it->first.chat == chat;) {
    if (it->first.position > through) break;
    tail_docs_[it->second] = {};  // as in forget()
    it = tail_places_.erase(it);
  }
  const auto goes = [&](const SearchPlace& place) { return place.chat == chat && place.position <= through; };
  std::erase_if(state_.changed, goes);
  std::erase_if(state_.forgotten, goes);
  if (whole) std::erase_if(state_.marks, [&](const Mark& mark) { return mark.chat == chat; });
  std::erase_if(state_.deleted, [&](const Mark& mark) { return mark.chat == chat && mark.through <= through; });
  if (!state_.segments.empty()) state_.deleted.push_back({chat, through});
  changed_state_ = true;
}

bool SearchIndex::has_forgotten(const ChatId& chat) const {
  return std::ranges::any_of(state_.deleted, [&](const Mark& mark) { return mark.chat == chat; });
}

// Those that were changed stay in memory while a segment has what they said before, since that is hidden by their place.
void SearchIndex::flush(const std::set<ChatId>& waiting) {
  const std::set<SearchPlace> hidden(state_.forgotten.begin(), state_.forgotten.end());
  std::vector<uint32_t> staying(tail_docs_.size(), UINT32_MAX);
  std::vector<SearchDoc> rest;
  Writer writer(store_, state_.next, 0);
  uint32_t written = 0;
  std::vector<uint32_t> number(tail_docs_.size(), UINT32_MAX);
  for (size_t i = 0; i < tail_docs_.size(); ++i) {
    const SearchDoc& doc = tail_docs_[i];
    if (doc.position == 0) continue;
    if (waiting.contains(doc.chat) || hidden.contains({doc.chat, doc.position})) {
      staying[i] = static_cast<uint32_t>(rest.size());
      rest.push_back(doc);
      continue;
    }
    number[i] = written++;
    writer.add(doc);
    note_written(doc);
  }
  if (written == 0) return void(staying_ = tail_docs_.size());
  std::map<std::string, Postings> rest_terms;
  for (const auto& [term, docs] : tail_terms_) {
    Postings live;
    for (const uint32_t doc : docs) {
      if (number[doc] != UINT32_MAX) live.push_back(number[doc]);
      if (staying[doc] != UINT32_MAX) rest_terms[term].push_back(staying[doc]);
    }
    writer.add(term, live);
  }
  ++state_.next;
  Segment segment = writer.finish();
  state_.segments.push_back(segment.number);
  segments_.insert_or_assign(segment.number, std::move(segment));
  tail_docs_ = std::move(rest);
  staying_ = tail_docs_.size();
  tail_terms_ = std::move(rest_terms);
  tail_places_.clear();
  for (uint32_t i = 0; i < tail_docs_.size(); ++i)
    tail_places_.emplace(SearchPlace{tail_docs_[i].chat, tail_docs_[i].position}, i);
  changed_state_ = true;
}

void SearchIndex::note_written(const SearchDoc& doc) {
  std::erase(state_.changed, SearchPlace{doc.chat, doc.position});
  const auto found =
      std::find_if(state_.marks.begin(), state_.marks.end(), [&](const Mark& mark) { return mark.chat == doc.chat; });
  if (found == state_.marks.end()) {
    state_.marks.push_back({doc.chat, doc.position});
  } else {
    found->through = std::max(found->through, doc.position);
  }
}

// ---- merging -------------------------------------------------------------------------------------------------------

// Segments that become one. All of their documents' places are known (a few bytes each); of the terms one block of each is.
struct SearchIndex::Merge {
  struct Input {
    uint64_t number = 0;
    std::vector<uint32_t> renumbered;  // by its own number; UINT32_MAX: it is no more
    size_t block = 0;
    std::vector<Entry> entries;
    size_t at = 0;
    bool over = false;
  };
  std::vector<Input> inputs;
  std::unique_ptr<Writer> writer;
  uint32_t docs = 0;
  size_t docs_of = 0;  // the input whose documents are read next
  bool all = false;    // of the segments
  std::set<SearchPlace> forgotten;
  std::vector<Mark> deleted;
  std::set<SearchPlace> dropped;  // of those, what was in one of the inputs
};

void SearchIndex::merge(bool purge) {
  if (merge_) return;
  // All that have something of what is forgotten; else the first level that has enough of them.
  std::vector<uint64_t> chosen;
  uint32_t level = 0;
  if (purge && (!state_.forgotten.empty() || !state_.deleted.empty())) {
    chosen = state_.segments;
    for (const uint64_t number : chosen) level = std::max(level, segments_.at(number).level);
  } else {
    std::map<uint32_t, std::vector<uint64_t>> levels;
    for (const uint64_t number : state_.segments) levels[segments_.at(number).level].push_back(number);
    for (const auto& [of, numbers] : levels) {
      if (numbers.size() < kSearchFanIn || !chosen.empty()) continue;
      chosen = numbers;
      level = of + 1;
    }
  }
  if (chosen.empty()) return;
  merge_ = std::make_shared<Merge>();
  for (const uint64_t number : chosen) merge_->inputs.push_back({number, {}, 0, {}, 0, false});
  merge_->all = chosen.size() == state_.segments.size();
  state_.building = state_.next++;
  merge_->writer = std::make_unique<Writer>(store_, state_.building, level);
  merge_->forgotten.insert(state_.forgotten.begin(), state_.forgotten.end());
  merge_->deleted = state_.deleted;
  changed_state_ = true;
  merge_docs();
}

void SearchIndex::merge_docs() {
  if (merge_->docs_of == merge_->inputs.size()) return merge_terms();
  Merge::Input& input = merge_->inputs[merge_->docs_of++];
  load_docs(input.number, [this, &input](const std::vector<SearchDoc>& docs) {
    for (const SearchDoc& doc : docs) {
      const bool forgotten = merge_->forgotten.contains({doc.chat, doc.position});
      if (forgotten) merge_->dropped.insert({doc.chat, doc.position});
      const bool live = doc.position != 0 && !forgotten && !is_in(merge_->deleted, doc);
      input.renumbered.push_back(live ? merge_->docs++ : UINT32_MAX);
      if (live) merge_->writer->add(doc);
    }
    merge_docs();
  });
}

void SearchIndex::merge_terms() {
  while (true) {
    const std::string* least = nullptr;
    for (Merge::Input& input : merge_->inputs) {
      if (input.over) continue;
      if (input.at == input.entries.size()) {
        if (input.block == segments_.at(input.number).firsts.size()) {
          input.over = true;
          continue;
        }
        return load_block(input.number, input.block++, [this, &input](const Bytes& block) {
          input.entries = decode_entries(block);
          input.at = 0;
          merge_terms();
        });
      }
      const std::string& term = input.entries[input.at].term;
      if (least == nullptr || term < *least) least = &term;
    }
    if (least == nullptr) return finish_merge();
    const std::string term = *least;
    // Inputs are in the order of their documents' new numbers, so entries of one term come in order.
    for (Merge::Input& input : merge_->inputs) {
      if (input.over || input.entries[input.at].term != term) continue;
      Postings docs;
      for (const uint32_t doc : input.entries[input.at].docs) {
        if (doc < input.renumbered.size() && input.renumbered[doc] != UINT32_MAX) docs.push_back(input.renumbered[doc]);
      }
      ++input.at;
      merge_->writer->add(term, docs);
      // The next entry may be of the same term: it goes before the next input's.
      break;
    }
  }
}

void SearchIndex::erase_segment(const Segment& segment) {
  for (size_t block = 0; block < segment.firsts.size(); ++block) {
    store_.erase(block_key(RecordKind::kSearchTerms, segment.number, block));
  }
  const size_t doc_blocks = (segment.docs + kSearchDocsInBlock - 1) / kSearchDocsInBlock;
  for (size_t block = 0; block < doc_blocks; ++block) {
    store_.erase(block_key(RecordKind::kSearchDocs, segment.number, block));
  }
  store_.erase(record_key(RecordKind::kSearchSegment, number_bytes(segment.number)));
}

void SearchIndex::finish_merge() {
  Segment segment = merge_->writer->finish();
  const auto first = std::find(state_.segments.begin(), state_.segments.end(), merge_->inputs.front().number);
  *first = segment.number;
  for (const Merge::Input& input : merge_->inputs) {
    std::erase(state_.segments, input.number);
    erase_segment(segments_.at(input.number));
    segments_.erase(input.number);
  }
  segments_.insert_or_assign(segment.number, std::move(segment));
  // Those that were not met are in other segments, or in none if these were all.
  const std::set<SearchPlace>& done = merge_->all ? merge_->forgotten : merge_->dropped;
  std::erase_if(state_.forgotten, [&](const SearchPlace& place) { return done.contains(place); });
  if (merge_->all) {
    std::erase_if(state_.deleted, [&](const Mark& mark) { return std::ranges::count(merge_->deleted, mark) > 0; });
  }
  merge_.reset();
  state_.building = 0;
  changed_state_ = true;
}

// ---- finding -------------------------------------------------------------------------------------------------------

struct SearchIndex::Search {
  SearchQuery query;
  Filter filter;
  std::function<void(std::vector<SearchDoc>)> done;
  std::vector<SearchDoc> found;
  std::set<SearchPlace> changed;
  std::vector<Mark> deleted;
  size_t outstanding = 1;

  bool wants(const SearchDoc& doc) const {
    return doc.position != 0 && (!filter.chat || doc.chat == *filter.chat) && (!filter.has_file || doc.file) &&
           (!filter.sender || doc.sender == *filter.sender) && (!filter.since_ms || doc.sent_ms >= *filter.since_ms) &&
           (!filter.until_ms || doc.sent_ms < *filter.until_ms);
  }
  // Terms that a word may stand under: its stem, or what begins with it; of an unfinished one also shorter stems.
  bool fits(const SearchQuery::Word& word, const std::string& term) const {
    if (term == word.stem) return true;
    if (!word.prefix) return false;
    if (term.starts_with(word.word)) return true;
    return term.size() >= 3 && term.size() + kEndingMax >= word.word.size() && word.word.starts_with(term);
  }
};

namespace {

// Documents that stand in every list.
std::vector<uint32_t> in_all(std::vector<std::vector<uint32_t>> lists) {
  for (auto& list : lists) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  std::sort(lists.begin(), lists.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::vector<uint32_t> out = lists.empty() ? std::vector<uint32_t>{} : lists.front();
  for (size_t i = 1; i < lists.size(); ++i) {
    std::vector<uint32_t> both;
    std::set_intersection(out.begin(), out.end(), lists[i].begin(), lists[i].end(), std::back_inserter(both));
    out = std::move(both);
  }
  return out;
}

}  // namespace

void SearchIndex::find_in_tail(Search& search) const {
  std::vector<Postings> lists;
  for (const SearchQuery::Word& word : search.query.words) {
    Postings list;
    const auto add = [&](const std::string& term, const Postings& docs) {
      if (search.fits(word, term)) list.insert(list.end(), docs.begin(), docs.end());
    };
    if (word.prefix) {
      for (const auto& [term, docs] : tail_terms_) add(term, docs);
    } else if (const auto found = tail_terms_.find(word.stem); found != tail_terms_.end()) {
      add(found->first, found->second);
    }
    lists.push_back(std::move(list));
  }
  for (const uint32_t doc : in_all(std::move(lists))) {
    if (search.wants(tail_docs_[doc])) search.found.push_back(tail_docs_[doc]);
  }
}

void SearchIndex::find_in_segment(const std::shared_ptr<Search>& search, const Segment& segment) {
  // The blocks in which each word's terms may stand.
  std::set<size_t> wanted;
  const auto want = [&](const std::string& low, const std::string& high) {
    const auto& firsts = segment.firsts;
    // A term may begin in the block before the first that starts with it.
    auto from = std::lower_bound(firsts.begin(), firsts.end(), low);
    if (from != firsts.begin()) --from;
    for (auto at = from; at != firsts.end() && *at <= high; ++at)
      wanted.insert(static_cast<size_t>(at - firsts.begin()));
  };
  for (const SearchQuery::Word& word : search->query.words) {
    want(word.stem, word.stem);
    if (!word.prefix) continue;
    want(word.word, word.word + "\xff");
    for (size_t size = word.word.size(); size >= 3 && size + kEndingMax >= word.word.size(); --size) {
      want(word.word.substr(0, size), word.word.substr(0, size));
    }
  }
  if (wanted.empty()) return;
  auto lists = std::make_shared<std::vector<Postings>>(search->query.words.size());
  auto left = std::make_shared<size_t>(wanted.size());
  search->outstanding += 1;
  for (const size_t block : wanted) {
    load_block(segment.number, block, [this, search, lists, left, number = segment.number](const Bytes& bytes) {
      for (const Entry& entry : decode_entries(bytes)) {
        for (size_t i = 0; i < lists->size(); ++i) {
          if (!search->fits(search->query.words[i], entry.term)) continue;
          (*lists)[i].insert((*lists)[i].end(), entry.docs.begin(), entry.docs.end());
        }
      }
      if (--*left > 0) return;
      auto docs = std::make_shared<Postings>(in_all(std::move(*lists)));
      if (docs->empty()) return finish(*search);
      load_docs(number, [this, search, docs](const std::vector<SearchDoc>& all) {
        for (const uint32_t doc : *docs) {
          if (doc < all.size() && search->wants(all[doc]) &&
              !search->changed.contains({all[doc].chat, all[doc].position}) && !is_in(search->deleted, all[doc])) {
            search->found.push_back(all[doc]);
          }
        }
        finish(*search);
      });
    });
  }
}

void SearchIndex::finish(Search& search) {
  if (--search.outstanding > 0) return;
  std::sort(search.found.begin(), search.found.end(), [](const SearchDoc& a, const SearchDoc& b) {
    return std::tie(b.sent_ms, b.chat, b.position) < std::tie(a.sent_ms, a.chat, a.position);
  });
  search.done(std::move(search.found));
}

void SearchIndex::find(const SearchQuery& query, const Filter& filter,
                       std::function<void(std::vector<SearchDoc>)> done) {
  auto search = std::make_shared<Search>();
  search->query = query;
  search->filter = filter;
  search->done = std::move(done);
  search->changed.insert(state_.forgotten.begin(), state_.forgotten.end());
  search->deleted = state_.deleted;
  find_in_tail(*search);
  for (const uint64_t number : state_.segments) find_in_segment(search, segments_.at(number));
  finish(*search);
}

}  // namespace godwit::engine
