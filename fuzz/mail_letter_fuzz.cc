// A letter out of a mailbox: whatever a stranger has sent there, and whatever providers have made of it.

#include "base/assert.h"
#include "base/bytes.h"
#include "net/base64.h"
#include "net/mail_account.h"
#include "net/mail_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::net;
  const std::string_view text = godwit::as_text({data, size});
  const LetterHead head = read_letter_head(text);
  // What is put into letters of our own must not be able to break a line of theirs.
  ASSERT(head.from.empty() || is_mail_address(head.from));
  for (const char c : head.subject + head.message_id) ASSERT(c >= 0x20 && c < 0x7f);
  ASSERT(head.answers.size() <= 8);
  const auto found = read_attachment(text);
  if (found) ASSERT(found->size() >= kAttachmentBytesMin && found->front() == kAttachmentMark);
  const auto bytes = from_base64(text);
  if (bytes) ASSERT(from_base64(to_base64(*bytes, 76)) == bytes);
  return 0;
}
