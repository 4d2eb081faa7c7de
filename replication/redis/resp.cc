#include "replication/redis/resp.h"

#include <hiredis/hiredis.h>

#include <boost/container/small_vector.hpp>

#include "storage/base/check.h"

namespace daybook::redis {
namespace {

// hiredis builds a reply from its root to its leaves: an element lies in its array already.
Reply* place_of(const redisReadTask* task) {
  if (task->parent == nullptr) return new Reply;
  return &static_cast<Reply*>(task->parent->obj)->elements[static_cast<std::size_t>(task->idx)];
}

void* build_string(const redisReadTask* task, char* text, std::size_t size) {
  Reply* reply = place_of(task);
  reply->kind = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::error
                : task->type == REDIS_REPLY_STATUS ? Reply::Kind::status
                                                   : Reply::Kind::text;
  reply->text.assign(text, size);
  return reply;
}

void* build_array(const redisReadTask* task, int elements) {
  if (static_cast<std::size_t>(elements) > ReplyReader::elements_max) return nullptr;
  Reply* reply = place_of(task);
  reply->kind = Reply::Kind::array;
  reply->elements.resize(static_cast<std::size_t>(elements));
  return reply;
}

void* build_integer(const redisReadTask* task, long long value) {
  Reply* reply = place_of(task);
  reply->kind = Reply::Kind::integer;
  reply->integer = value;
  return reply;
}

void* build_nil(const redisReadTask* task) {
  return place_of(task);
}

// hiredis frees the root alone.
void free_reply(void* reply) {
  delete static_cast<Reply*>(reply);
}

// hiredis hands `privdata` of the reader to every task.
void* note_error(const redisReadTask* task, char* text, std::size_t size) {
  auto* first = static_cast<std::string*>(task->privdata);
  if (task->type == REDIS_REPLY_ERROR && first->empty()) first->assign(text, size);
  return first;
}

redisReplyObjectFunctions building{build_string, build_array, build_integer, build_nil, free_reply};
// What has no function here is passed over.
redisReplyObjectFunctions skipping{note_error, nullptr, nullptr, nullptr, nullptr};

}  // namespace

void append_command(std::string& out, std::span<const std::string_view> words) {
  boost::container::small_vector<const char*, 8> texts;
  boost::container::small_vector<std::size_t, 8> sizes;
  for (const std::string_view word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  sds command = nullptr;
  const int size = redisFormatSdsCommandArgv(&command, static_cast<int>(words.size()), texts.data(),
                                             sizes.data());
  CHECK(size >= 0);  // It fails for want of memory alone.
  out.append(command, static_cast<std::size_t>(size));
  redisFreeSdsCommand(command);
}

void ReplyReader::Free::operator()(redisReader* reader) const {
  redisReaderFree(reader);
}

ReplyReader::ReplyReader() : reader_(redisReaderCreateWithFunctions(&building)) {
  CHECK(reader_ != nullptr);
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

Result<void*> ReplyReader::read() {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK)
    return Error{Errc::io_failed,
                 std::string("its answer is not Redis' protocol: ") + reader_->errstr};
  if (reply == nullptr && reader_->len - reader_->pos > reply_bytes_max)
    return Error{Errc::io_failed, "an answer has more than 64 MiB"};
  return reply;
}

Result<std::optional<Reply>> ReplyReader::take() {
  reader_->fn = &building;
  const Result<void*> read = this->read();
  if (!read) return read.error();
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(*read));
  return reply ? std::optional(std::move(*reply)) : std::nullopt;
}

Result<bool> ReplyReader::skip(std::string& first_error) {
  reader_->fn = &skipping;
  reader_->privdata = &first_error;
  const Result<void*> read = this->read();
  if (!read) return read.error();
  return *read != nullptr;
}

}  // namespace daybook::redis
