// The files of a simulated person: those that are sent are made of their names, those that are fetched are kept in memory and
// outlive the program, as parts do.

#include "engine/errors.h"
#include "sim/client_party.h"

namespace godwit::sim {

Bytes ClientParty::file_of(const std::string& source) {
  size_t number = 0;
  for (const char each : source) number = number * 31 + static_cast<uint8_t>(each);
  // Seldom of more than one chunk: worlds of fifty have many.
  Bytes out(number % 500 + (number % 7 == 0 ? 70'000 : 0));
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>(number + i * 13 + (i >> 8));
  return out;
}

bool ClientParty::do_with_file(engine::Effect& effect) {
  if (const auto* read = std::get_if<engine::ReadFile>(&effect)) {
    const Bytes whole = file_of(read->source);
    const size_t from = std::min<size_t>(whole.size(), read->offset);
    const size_t size = std::min<size_t>(whole.size() - from, read->size);
    later(engine::FileRead{read->op, to_bytes(ByteView(whole).subspan(from, size)), whole.size(), 1, {}});
  } else if (auto* write = std::get_if<engine::WriteFile>(&effect)) {
    Bytes& part = parts_[{write->destination, write->part}];
    std::optional<Error> error;
    if (part.size() < write->offset) {
      error = Error{engine::kPartMissing, "what was written before is there"};
    } else {
      part.resize(write->offset);
      append(part, write->bytes);
    }
    later(engine::FileWritten{write->op, {}, error});
  } else if (const auto* finish = std::get_if<engine::FinishFile>(&effect)) {
    auto part = parts_.extract({finish->destination, finish->part});
    if (part.empty() || part.mapped().size() != finish->size) {
      later(engine::FileWritten{finish->op, {}, Error{engine::kPartMissing, "all of the file is there"}});
    } else {
      files_.insert_or_assign(finish->destination, std::move(part.mapped()));
      later(engine::FileWritten{finish->op, finish->destination, {}});
    }
  } else if (const auto* drop = std::get_if<engine::DropFile>(&effect)) {
    parts_.erase({drop->destination, drop->part});
  } else {
    return false;
  }
  return true;
}

}  // namespace godwit::sim
