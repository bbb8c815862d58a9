#include "engine/typing.h"

#include <algorithm>

#include "engine/chat_people.h"
#include "engine/outbox.h"

namespace godwit::engine {

void send_typing(Machine& m, CommandId id, const SendTyping& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, {kNoSuchChat, "a chat of this device"});
  m.done(id, Nothing{});
  Talk& talk = chat->talk;
  const bool again = command.typing == talk.typing_now && m.now < talk.typing_told + kTypingInterval;
  if (!m.privacy.typing || again || (!command.typing && !talk.typing_now)) return;
  talk.typing_now = command.typing;
  talk.typing_told = m.now;
  const auto sent_ms = static_cast<uint64_t>(std::max<int64_t>(m.wall().ms, 0));
  const Content content{1, m.random_id<MessageId>(), sent_ms, ContentKind::kTyping,
                        codec::encoded(TypingBody{command.typing})};
  deliver_fleeting(m, *chat, content);
}

void take_typing(Machine& m, const Chat& chat, const AccountId& author, const Content& content) {
  const auto body = body_of<TypingBody>(content);
  if (body && !is_self(m, author)) m.tell(Typing{chat.record.chat, author, body->typing});
}

}  // namespace godwit::engine
