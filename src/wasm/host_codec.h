#pragma once
// What the engine asks of a host written in JavaScript, and what that tells back, as bytes. Numbers are big-endian, a text is
// opaque<V> in UTF-8 (codec/writer.h); web/src/engine/codec.ts is the other side. An effect or event is a number that says
// which, then its fields:
//
//   effects  1 OpenPipe     pipe u64, url text, early opaque, pinned u8
//            2 SendBytes    pipe u64, bytes opaque
//            3 ClosePipe    pipe u64
//            4 StoreBatch   batch u64, count u32, then each: key opaque, there u8, value opaque if it is there
//            5 LoadRecords  load u64, first opaque, last opaque, count_max u32, backwards u8
//            6 Line         peer u32, line text                      (an answer or a notice of the API)
//            7 ReadFile     op u64, source text, offset u64, size u32
//            8 WriteFile    op u64, destination text, part opaque, offset u64, bytes opaque, durable u8
//            9 FinishFile   op u64, destination text, part opaque, name text, size u64
//           10 DropFile     destination text, part opaque
//   events   1 PipeOpened   pipe u64
//            2 PipeBytes    pipe u64, bytes opaque
//            3 PipeClosed   pipe u64, error text
//            4 BatchStored  batch u64
//            5 BatchFailed  batch u64, error text
//            6 RecordsLoaded load u64, count u32, then each: key opaque, value opaque
//            7 NetworkChanged network opaque
//            8 FileRead     op u64, bytes opaque, size u64, version u64, error text (empty: none)
//            9 FileWritten  op u64, path text, error text (empty: none)
//
// Errors go by their names. What no page can do is answered here and never reaches JavaScript.

#include <optional>
#include <string>

#include "codec/writer.h"
#include "engine/effects.h"

namespace godwit::wasm {

/// Writes an effect, or returns what its answer is, if there is no need to ask JavaScript. Not for Tell, which becomes a Line.
std::optional<engine::Event> write_effect(codec::Writer& out, const engine::Effect& effect);
/// Writes an effect 6.
void write_line(codec::Writer& out, uint32_t peer, const std::string& line);
/// Reads one event. The other side is ours: what cannot be read is a fault, and ends the program.
engine::Event read_event(ByteView bytes);
/// The address under which a page can dial the route; empty: it cannot.
std::string web_address(const routes::Route& route);
/// The error with this name among those that JavaScript may tell; kUnknownFailure if there is none.
Error error_named(std::string_view name);

}  // namespace godwit::wasm
