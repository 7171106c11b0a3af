#include "data/records/sqlite.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

std::int64_t rows(Database& db) {
  Statement count = db.prepare("SELECT count(*) FROM t");
  count.step();
  return count.integer(0);
}

}  // namespace

TEST_CASE("a transaction within another goes and stays with the outer one", "[data][records]") {
  Database db(":memory:", Database::Open::kCreate, Database::Schema::kTrusted);
  db.execute("CREATE TABLE t(n INTEGER)");
  {
    Transaction outer(db);
    db.execute("INSERT INTO t VALUES(1)");
    {
      Transaction inner(db);
      db.execute("INSERT INTO t VALUES(2)");
      inner.commit();
    }
    CHECK(rows(db) == 2);
  }
  CHECK(rows(db) == 0);
  {
    Transaction outer(db);
    db.execute("INSERT INTO t VALUES(1)");
    {
      Transaction inner(db);
      db.execute("INSERT INTO t VALUES(2)");
    }
    outer.commit();
  }
  CHECK(rows(db) == 1);  // the inner one alone went back
}
