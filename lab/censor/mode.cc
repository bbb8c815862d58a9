#include "lab/censor/mode.h"

namespace godwit::lab {

void Mode::on_time(Time, Dice&) {}
void Mode::on_end(const Flow&) {}
void Mode::on_verdict(const Endpoint&, bool, Time) {}

}  // namespace godwit::lab
