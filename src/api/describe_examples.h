#pragma once
// Examples for the description: each as the lines that go over the connection, "-> " to Godwit and "<- " from it.

#include "api/to_json.h"

namespace godwit::api {

/// Adds `example`, a list of lines, to every method and notice of a description that has all the rest, and
/// `refused_lines`. What is answered and told is made from the described fields, with a value that fits each. A method
/// without an example in examples.cc gets an empty list; a test finds it.
void add_examples(Json& description);

}  // namespace godwit::api
