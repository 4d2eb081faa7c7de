#include "daemon/threads/io_thread.h"

#include <boost/asio/post.hpp>
#include <map>

#include "daemon/threads/listeners.h"
#include "daemon/threads/name.h"
#include "storage/base/check.h"

namespace daybook {
namespace {

thread_local IoThread* t_current = nullptr;

struct ResumeAll {
  std::vector<Suspension> suspensions;
  void operator()() {
    for (Suspension& suspension : suspensions) suspension->resume();
  }
};

}  // namespace

IoThread::IoThread(const char* name)
    : name_(name),
      work_(context_.get_executor()),
      listeners_(std::make_unique<Listeners>(context_, interests_)) {}

IoThread::~IoThread() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

IoThread& IoThread::current() {
  CHECK(t_current != nullptr);
  return *t_current;
}

void IoThread::start() {
  thread_ = std::thread(&IoThread::run, this);
}

void IoThread::join() {
  work_.reset();
  if (thread_.joinable()) thread_.join();
}

void IoThread::run() {
  name_thread(name_);
  t_current = this;
  context_.run();
}

void IoThread::resume(std::vector<Suspension> suspensions) {
  boost::asio::post(context_, ResumeAll{std::move(suspensions)});
}

void IoThread::resume(Suspension suspension) {
  std::vector<Suspension> one;
  one.push_back(std::move(suspension));
  resume(std::move(one));
}

void resume_all(std::vector<Suspension> suspensions) {
  std::map<IoThread*, std::vector<Suspension>> by_thread;
  for (Suspension& suspension : suspensions) {
    IoThread* const home = &suspension->home();
    by_thread[home].push_back(std::move(suspension));
  }
  for (auto& [thread, theirs] : by_thread) thread->resume(std::move(theirs));
}

IoThreads::IoThreads(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) threads_.push_back(std::make_unique<IoThread>());
}

void IoThreads::start() {
  for (auto& thread : threads_) thread->start();
}

IoThread& IoThreads::next() {
  return *threads_[next_.fetch_add(1) % threads_.size()];
}

}  // namespace daybook
