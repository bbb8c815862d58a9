#include "engine/reading_again.h"

#include <algorithm>

#include "engine/held.h"
#include "engine/history.h"
#include "engine/message_view.h"
#include "engine/search.h"
#include "engine/vanishing.h"

namespace godwit::engine {
namespace {

// So many at once, of up to 128 KiB each: who has sent thousands of what nobody knows takes no memory by it at each start.
constexpr size_t kReadAgainAtOnce = 16;

void note_understood(Machine& m, Chat& chat, const Held& held) {
  const auto index = chat.index.find(held.position);
  if (index == chat.index.end() || held.history.newer > 0) return;
  index->second.kind = held.history.kind;
  put_index(m, chat, held.position);
  if (held.state.deleted_by) return;
  m.journal.put(record_key(RecordKind::kHistory, chat.record.chat.view(), held.position), held.history);
  search_change(m, chat, held.position, held.history.id);
  if (held.history.kind != ContentKind::kSettings) return;
  if (const auto settings = settings_of(content_of(held.history)))
    take_settings(m, chat, {held.history.clock, held.history.id}, settings->disappear_seconds);
}

}  // namespace

bool read_again(HistoryRecord& history) {
  if (history.newer == 0) return false;
  Content content = content_of(history);
  auto read = history_of(content, history.author, history.own);
  if (!read || read->newer > 0) return false;
  read->proof = std::move(history.proof);
  if (read->proof && !read->proof->content) {
    // What is kept from now on does not give the bytes that were signed.
    content.clock = read->proof->clock;
    read->proof->content = codec::encoded(content);
  }
  history = std::move(*read);
  return true;
}

void read_newer_again(Machine& m, Chat& chat) {
  std::vector<uint64_t> positions;
  for (const auto& [position, index] : chat.index) {
    if (!index.gone && index.kind == ContentKind{}) positions.push_back(position);
  }
  for (size_t at = 0; at < positions.size(); at += kReadAgainAtOnce) {
    const auto from = positions.begin() + static_cast<ptrdiff_t>(at);
    const auto count = static_cast<ptrdiff_t>(std::min(kReadAgainAtOnce, positions.size() - at));
    do_late(m, chat, [&m, id = chat.record.chat, part = std::vector<uint64_t>(from, from + count)] {
      load_held(m, id, part, [&m, id](const std::map<uint64_t, Held>& found) {
        Chat& now = m.chats.at(id);
        for (const auto& [position, held] : found) note_understood(m, now, held);
        late_done(m, id);
      });
    });
  }
}

}  // namespace godwit::engine
