#pragma once
// The inverted index of the histories. Log-structured: the newest messages are in memory only (they are read again from the history
// after a start), and become a segment, which is never changed, when they are many; segments are merged as they grow many.
//
// A segment is a list of documents, in blocks, and a list of terms in their order, each with its documents, in blocks. Keys of
// records tell the numbers of segment and block and nothing of what is in them.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/members.h"
#include "engine/ids.h"
#include "engine/record_key.h"
#include "engine/search_words.h"

namespace godwit::engine {

/// Messages in memory before they become a segment.
constexpr size_t kSearchTailMax = 4096;
/// Segments of one size that are merged into one of the next.
constexpr size_t kSearchFanIn = 4;
/// Documents in one block, and bytes in one block of terms (the last term may make it a little larger).
constexpr size_t kSearchDocsInBlock = 512;
constexpr size_t kSearchBlockSize = 16 * 1024;

/// A message as the index knows it.
struct SearchDoc {
  ChatId chat;
  uint64_t position = 0;
  int64_t sent_ms = 0;
  bool file = false;
  ByteArray<4> sender{};  ///< Of a hash of who sent it.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.chat, self.position, self.sent_ms, self.file, self.sender);
  }
};
/// Where a message is.
struct SearchPlace {
  ChatId chat;
  uint64_t position = 0;
  friend auto operator<=>(const SearchPlace&, const SearchPlace&) = default;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.chat, self.position);
  }
};

/// The records under it; values are plain here, sealed by who stands behind it.
struct SearchStore {
  using Records = std::vector<std::pair<Bytes, Bytes>>;
  /// Reads records with keys in [first, last), all that were put before; answers at once or later.
  std::function<void(Bytes first, Bytes last, uint32_t count_max, std::function<void(Records)> done)> load;
  std::function<void(Bytes key, Bytes value)> put;
  std::function<void(Bytes key)> erase;
};

/// See above.
class SearchIndex {
 public:
  explicit SearchIndex(SearchStore store) : store_(std::move(store)) {}

  /// Takes a stored record of kSearchState or kSearchSegment. kProfileDamaged.
  Status restore(ByteView key, ByteView value);

  /// After all were restored: erases what a merge that did not come to its end has left.
  void sweep();

  /// Puts what has changed of its state. Called before what was put is stored.
  void store_state();

  /// Up to which position of a chat segments have its messages.
  uint64_t through(const ChatId& chat) const;
  /// Messages behind that which are to be read again, since they were changed.
  std::vector<SearchPlace> changed() const { return state_.changed; }
  /// Adds a message; one that is there already is left as it is.
  void add(const SearchDoc& doc, std::string_view text);
  /// A message was changed: what the segments say of it holds no longer.
  void change(const SearchPlace& place);
  /// A message is no more.
  void forget(const SearchPlace& place);
  /// All messages of a chat up to a position are no more. With `whole` its positions may be given again, once has_forgotten() is false.
  void forget_chat(const ChatId& chat, uint64_t through, bool whole);
  /// True while segments have something of what forget_chat() has named.
  bool has_forgotten(const ChatId& chat) const;
  /// Messages in memory.
  size_t tail_size() const { return tail_docs_.size(); }
  /// True when it is time to flush().
  bool is_full() const { return tail_docs_.size() >= staying_ + kSearchTailMax; }
  /// Makes a segment of what is in memory, but for the chats of `waiting`. Of the others all messages up to the newest here have to be
  /// in it: what is below it is never read again.
  void flush(const std::set<ChatId>& waiting = {});
  /// Takes a chat's messages out of memory: they will be added again, in their order.
  void drop(const ChatId& chat);
  /// Starts the next piece of merging if there is something to merge and nothing is under way.
  /// `purge`: what is forgotten leaves the records now.
  void merge(bool purge = true);
  /// True while it is under way.
  bool merging() const { return merge_ != nullptr; }
  /// Segments at the moment.
  size_t segments() const { return state_.segments.size(); }

  /// What people chose besides words.
  struct Filter {
    std::optional<ChatId> chat;
    std::optional<ByteArray<4>> sender;
    std::optional<int64_t> since_ms;
    std::optional<int64_t> until_ms;
    bool has_file = false;
  };
  /// Finds all messages that may fit, newest first: the caller looks into their texts. `done` may be called at once.
  void find(const SearchQuery& query, const Filter& filter, std::function<void(std::vector<SearchDoc>)> done);

 private:
  using Postings = std::vector<uint32_t>;
  struct Entry {
    std::string term;
    Postings docs;
  };
  struct Segment {
    uint64_t number = 0;
    uint32_t level = 0;
    uint32_t docs = 0;
    std::vector<std::string> firsts{};  // the first term of each block
    template <typename Self>
    static auto fields(Self& self) {
      return codec::members(self.number, self.level, self.docs, self.firsts);
    }
  };
  struct Mark {
    ChatId chat;
    uint64_t through = 0;
    template <typename Self>
    static auto fields(Self& self) {
      return codec::members(self.chat, self.through);
    }
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  struct State {
    uint8_t version = 2;
    uint64_t next = 1;
    uint64_t building = 0;           // a segment that a merge is writing; 0: none
    std::vector<uint64_t> segments;  // oldest first
    std::vector<Mark> marks;
    std::vector<SearchPlace> forgotten;  // segments still have them
    std::vector<SearchPlace> changed;
    std::vector<Mark> deleted;  // segments still have messages up to these; since version 2
    template <typename Self>
    static auto fields(Self& self) {
      return codec::members(self.version, self.next, self.building, self.segments, self.marks, self.forgotten,
                            self.changed, self.deleted);
    }
  };
  struct Search;
  struct Merge;
  class Writer;

  static bool is_in(const std::vector<Mark>& marks, const SearchDoc& doc);
  static Bytes encode_entry(const Entry& entry);
  static std::vector<Entry> decode_entries(ByteView block);
  void erase_blocks(RecordKind kind, uint64_t segment);
  void note_written(const SearchDoc& doc);
  void load_block(uint64_t segment, size_t block, std::function<void(Bytes)> done);
  void load_docs(uint64_t segment, std::function<void(std::vector<SearchDoc>)> done);
  void merge_docs();
  void merge_terms();
  void finish_merge();
  void erase_segment(const Segment& segment);
  void find_in_tail(Search& search) const;
  void find_in_segment(const std::shared_ptr<Search>& search, const Segment& segment);
  void finish(Search& search);

  SearchStore store_;
  State state_;
  bool changed_state_ = false;
  std::map<uint64_t, Segment> segments_;
  std::vector<SearchDoc> tail_docs_;
  std::map<SearchPlace, uint32_t> tail_places_;
  std::map<std::string, Postings> tail_terms_;
  size_t staying_ = 0;  // of tail_docs_: those that the last flush() has left there
  std::shared_ptr<Merge> merge_;
};

}  // namespace godwit::engine
