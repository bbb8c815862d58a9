#include "engine/notices.h"

namespace godwit::engine {

Answer::Answer(const Answer&) = default;
Answer::Answer(Answer&&) noexcept = default;
Answer& Answer::operator=(const Answer&) = default;
Answer& Answer::operator=(Answer&&) noexcept = default;
Answer::~Answer() = default;

Notice::Notice(const Notice&) = default;
Notice::Notice(Notice&&) noexcept = default;
Notice& Notice::operator=(const Notice&) = default;
Notice& Notice::operator=(Notice&&) noexcept = default;
Notice::~Notice() = default;

}  // namespace godwit::engine
