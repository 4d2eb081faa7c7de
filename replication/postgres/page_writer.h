// Posts a page: rows, failures and checkpoint in one transaction. Where it fails because of its
// rows it is halved, each half a transaction of its own with the checkpoint behind it, down to the
// rows that are to blame; those go to `daybook.failures`, and everything else is posted.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>

#include "replication/postgres/checkpoint.h"
#include "replication/postgres/connection.h"
#include "replication/postgres/table_set.h"
#include "storage/model/query.h"

namespace daybook::postgres {

class PageWriter {
 public:
  struct Target {
    Connection& connection;
    TableSet& tables;
    std::string projection;  // whose failures they are
    std::string row;         // of the checkpoint
    Generation generation = 0;
    std::uint64_t epoch = 0;
  };

  // Refers to the page; for one `write`.
  PageWriter(Target target, const Page& page) : target_(std::move(target)), page_(page) {}

  // False: another has taken the checkpoint, and nothing more of the page is posted. Where it
  // fails, a part of the page may be.
  boost::asio::awaitable<SqlResult<bool>> write();
  // How many of the page's events failed.
  std::size_t failures() const { return blamed_.size(); }

 private:
  struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  // An event that cannot be a row.
  struct Blamed {
    std::string reason;
    bool apart = false;  // nor can the tables keep what does not depend on its payload
  };
  boost::asio::awaitable<SqlResult<bool>> post(Part part);
  bool blame(std::size_t index, const std::string& reason);

  const Target target_;
  const Page& page_;
  std::map<std::size_t, Blamed> blamed_;  // by index in the page
};

}  // namespace daybook::postgres
