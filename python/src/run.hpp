#pragma once

// How a computation runs under Python: the interpreter's lock is released, Ctrl-C stops it, the user's progress function hears of it.
//
// Python handles signals in its main thread alone, and only while that thread looks. So a long computation that was called from
// the main thread runs in a thread of its own, and the main thread looks for signals every 50 ms; when one raises (Ctrl-C does),
// or when the progress function raises, the computation is asked to stop, and its exception goes on. A computation that takes less
// than a few milliseconds, or was called from another thread, runs where it was called.

#include <functional>
#include <stop_token>

#include <nanobind/nanobind.h>

#include <eckart/execution.hpp>

namespace eckart::python {

namespace nb = nanobind;

/// What `work` is to be run with; stop and progress are filled in.
using Work = std::function<void(const Execution&)>;

/// Runs work(execution). `flops` is an estimate of its cost; `progress` is None or is called with (stage, fraction) in the calling
/// thread. Called, and returns, with the lock held; `work` runs without it and must not touch Python objects.
void run(int threads, double flops, nb::handle progress, const Work& work);

}  // namespace eckart::python
