#include "run.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "ending.hpp"
#include "lock.hpp"

namespace eckart::python {
namespace {

// Below it a computation is over within 5 ms at a slow 4 Gflop/s: nobody has pressed Ctrl-C and waits, and a thread would be seen
// in the time.
constexpr double flops_worth_watching = 2e7;
// Below it, some microseconds, another thread could not have done anything with the lock: giving it back and taking it again may
// cost a wait of 5 ms behind another thread's computation.
constexpr double flops_worth_releasing = 2e4;
// Below it, a quarter of a millisecond, no second thread pays, and to ask how many processors there are would be seen in the time.
constexpr double flops_worth_a_thread = 1e6;
constexpr auto between_looks = std::chrono::milliseconds(50);

bool in_main_thread() {
  const nb::module_ threading = nb::module_::import_("threading");
  return threading.attr("get_ident")().equal(threading.attr("main_thread")().attr("ident"));
}

// A computation in a thread of its own, and what the thread that waits for it hears.
class Watched {
 public:
  Watched(int threads, nb::handle progress, const Work& work) : progress_(progress) {
    execution_.threads = threads;
    execution_.stop = stop_.get_token();
    if (!progress.is_none()) {
      execution_.progress = [this](const Progress& p) { tell(p); };
    }
    thread_ = std::thread([this, &work] { compute(work); });
  }

  ~Watched() {
    stop_.request_stop();
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  // Waits with the lock released, looks with the lock held.
  void wait() {
    std::exception_ptr raised;
    for (bool over = false; !over;) {
      std::vector<Step> steps;
      {
        const Unlocked released;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, between_looks, [this] { return over_ || !steps_.empty(); });
        over = over_;
        steps.swap(steps_);
      }
      if (!raised) {
        raised = look(steps);
      }
    }
    {
      const Unlocked released;
      thread_.join();
      sleep_if_ended();
    }
    if (const std::exception_ptr thrown = raised ? raised : thrown_) {
      std::rethrow_exception(thrown);
    }
  }

 private:
  struct Step {
    std::string stage;
    double fraction = 0;
  };

  void compute(const Work& work) noexcept {
    {
      const UnderWay counted;
      try {
        work(execution_);
      } catch (...) {
        thrown_ = std::current_exception();
      }
    }
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_one();
  }

  void tell(const Progress& p) noexcept {
    try {
      const std::lock_guard lock(mutex_);
      steps_.push_back({std::string(p.stage), p.fraction});
    } catch (const std::bad_alloc&) {
      return;  // one step unheard
    }
    changed_.notify_one();
  }

  // Signals, then the progress function; what either raised.
  std::exception_ptr look(const std::vector<Step>& steps) {
    try {
      if (PyErr_CheckSignals() != 0) {
        throw nb::python_error();
      }
      for (const Step& step : steps) {
        progress_(step.stage.c_str(), step.fraction);
      }
    } catch (const std::exception&) {
      stop_.request_stop();
      return std::current_exception();
    } catch (...) {  // as in ~Unlocked, while the progress function ran
      sleep_to_the_end();
    }
    return {};
  }

  std::stop_source stop_;
  std::stop_callback<std::function<void()>> at_the_end_{end_of_program(),
                                                        [this] { stop_.request_stop(); }};
  Execution execution_;
  nb::handle progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Step> steps_;
  bool over_ = false;
  std::exception_ptr thrown_;
  std::thread thread_;
};

}  // namespace

void run(int threads, double flops, nb::handle progress, const Work& work) {
  begin_unless_ended();
  if (!progress.is_none() || (flops > flops_worth_watching && in_main_thread())) {
    std::unique_ptr<Watched> watched;
    try {
      watched = std::make_unique<Watched>(threads, progress, work);
    } catch (const std::system_error&) {
      // No more threads are to be had: it runs here, unwatched.
    }
    if (watched) {
      watched->wait();
      return;
    }
  }
  Execution execution;
  execution.threads = threads == 0 && flops < flops_worth_a_thread ? 1 : threads;
  if (flops > flops_worth_releasing) {
    const Unlocked released;
    execution.stop = end_of_program();
    run_until_the_end([&] { work(execution); });
  } else {
    work(execution);
  }
}

}  // namespace eckart::python
