#include "bench/load/xmpp.h"

#include <algorithm>

#include "base/assert.h"

namespace godwit::bench::load::xmpp {
namespace {

std::string id_of(ByteView payload) { return to_base64url(payload.first(std::min(payload.size(), kIdBytes))); }

// Base64 as RFC 4648 §4 has it.
std::string base64(std::string_view text) {
  std::string out = to_base64url(as_bytes(text));
  std::ranges::replace(out, '-', '+');
  std::ranges::replace(out, '_', '/');
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::string begin_message(std::string_view to, std::string_view domain, const char* type, std::string_view id) {
  std::string out = "<message to='";
  out.append(to).append("@").append(domain).append("' type='").append(type).append("' id='").append(id).append("'>");
  return out;
}

}  // namespace

void Splitter::add(ByteView bytes) {
  const size_t done = depth_ > 1 ? start_ : at_;
  input_.erase(0, done);
  at_ -= done;
  start_ = 0;
  input_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::optional<Stanza> Splitter::next() {
  for (;;) {
    const size_t open = input_.find('<', at_);
    const size_t close = open == std::string::npos ? open : input_.find('>', open);
    if (close == std::string::npos) return std::nullopt;
    at_ = close + 1;
    const bool ends = input_[open + 1] == '/';
    const bool whole = input_[close - 1] == '/';
    if (input_[open + 1] == '?') continue;  // <?xml ... ?>
    if (!ends && depth_ == 1) start_ = open;
    if (ends) {
      --depth_;
    } else if (!whole) {
      ++depth_;
    }
    if (depth_ == 0) return Stanza{};
    if (depth_ > 1 || (!ends && !whole)) continue;
    const std::string_view text = std::string_view(input_).substr(start_, at_ - start_);
    return Stanza{text.substr(1, text.find_first_of(" />\n", 1) - 1), text};
  }
}

std::string stream_header() {
  return "<?xml version='1.0'?><stream:stream to='" + std::string(kDomain) +
         "' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
}

std::string registration(std::string_view user, std::string_view password) {
  std::string out = "<iq type='set' id='register'><query xmlns='jabber:iq:register'><username>";
  out.append(user).append("</username><password>").append(password).append("</password></query></iq>");
  return out;
}

std::string plain_auth(std::string_view user, std::string_view password) {
  std::string words(1, '\0');
  words.append(user).append(1, '\0').append(password);
  return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + base64(words) + "</auth>";
}

std::string message(std::string_view to, ByteView payload) {
  return begin_message(to, kDomain, "chat", id_of(payload)) + "<body>" + to_base64url(payload) +
         "</body><request xmlns='urn:xmpp:receipts'/></message>";
}

std::string receipt(std::string_view to, ByteView payload) {
  return begin_message(to, kDomain, "chat", "r") + "<received xmlns='urn:xmpp:receipts' id='" + id_of(payload) +
         "'/></message>";
}

std::string enter_room(std::string_view room, std::string_view nick) {
  std::string out = "<presence to='";
  out.append(room).append("@").append(kRooms).append("/").append(nick);
  return out + "'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>";
}

std::string room_message(std::string_view room, ByteView payload) {
  return begin_message(room, kRooms, "groupchat", id_of(payload)) + "<body>" + to_base64url(payload) +
         "</body></message>";
}

std::string acknowledgement(uint32_t handled) {
  return "<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(handled) + "'/>";
}

std::string_view attribute(std::string_view text, std::string_view name) {
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::string_view rest = text.substr(at + name.size());
    if (at == 0 || text[at - 1] != ' ' || rest.size() < 2 || rest[0] != '=') continue;
    return rest.substr(2, rest.find(rest[1], 2) - 2);
  }
  return {};
}

Bytes payload_of(const Stanza& stanza) {
  constexpr std::string_view kBody = "<body>";
  std::string_view text;
  if (const size_t body = stanza.text.find(kBody); body != std::string_view::npos) {
    const size_t begin = body + kBody.size();
    text = stanza.text.substr(begin, stanza.text.find('<', begin) - begin);
  } else if (const size_t received = stanza.text.find("<received"); received != std::string_view::npos) {
    text = attribute(stanza.text.substr(received), "id");
  }
  Bytes payload;
  ASSERT(from_base64url(text, payload));
  return payload;
}

}  // namespace godwit::bench::load::xmpp
