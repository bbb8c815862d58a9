// What a home finds in the files of its journal. The first byte says whether the rest is a whole file ('f'), or the payload of a record whose
// checksum fits ('p'), which no mutation would come upon.

#include "base/assert.h"
#include "store/errors.h"
#include "store/journal_format.h"

using namespace godwit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  const store::JournalHead made{Bytes(store::kJournalTagSize, 'T'), 7, 0};
  Bytes file = to_bytes(rest);
  if (data[0] == 'p') {
    file = store::write_journal_head(made);
    append(file, store::write_journal_record(made.tag, rest));
  }
  const auto head = store::read_journal_head(file);
  if (!head) return 0;
  store::Changes changes;
  const Status read = store::read_journal_records(file, *head, UINT64_MAX, changes);
  if (!read) {
    ASSERT(read.error().code == store::kCorrupted);
    return 0;
  }
  // What was read is written, and read again, as the same.
  Bytes again = store::write_journal_head(*head);
  append(again, store::write_journal_record(head->tag, {}, changes));
  store::Changes same;
  ASSERT(store::read_journal_records(again, *head, again.size(), same));
  ASSERT(same.size() == changes.size());
  for (const auto& [key, change] : changes) ASSERT(same.at(key).value == change.value);
  return 0;
}
