#include "ui/reader/page_of.h"

#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::ui;
using study::QuestionType;

namespace {

study::Protocol two_questions() {
  study::Protocol protocol;
  study::Question finding;
  finding.id = std::string("finding");
  finding.text = std::string("Is a mass present?");
  finding.levels = {"no", "yes"};
  finding.keys = {"f", "a"};
  study::Question confidence;
  confidence.id = std::string("confidence");
  confidence.type = QuestionType::kVas;
  confidence.unit = std::string(1, 0x25);
  protocol.questions = {finding, confidence};
  protocol.flags = {{"incoherent", "Incoherent", "s"}};
  return protocol;
}

CaseState asked_all(const study::Protocol& protocol) {
  CaseState state;
  for (std::size_t i = 0; i < protocol.questions.size(); ++i) {
    state.asked.push_back({.index = i});
    state.open.push_back(protocol.questions[i].id);
  }
  return state;
}

}  // namespace

TEST_CASE("Keys of the protocol win over those of the reports", "[reader][page]") {
  const study::Protocol protocol = two_questions();
  const ReadingPage page = page_of(protocol, {}, {}, asked_all(protocol));
  CHECK(page.questions[0].options[1].key == "A");
  CHECK(page.flags[kNotAssessableFlag].key.empty());
  CHECK(page.flags[kSeenBeforeFlag].key.empty());
  CHECK(page.flags[kFirstProtocolFlag].key == "S");
}

TEST_CASE("Nothing is chosen before it is answered, and what is open is named", "[reader][page]") {
  const study::Protocol protocol = two_questions();
  CaseState state = asked_all(protocol);
  const ReadingPage page = page_of(protocol, {}, {}, state);
  CHECK_FALSE(page.questions[0].options[0].is_chosen);
  CHECK_FALSE(page.questions[0].options[1].is_chosen);
  CHECK_FALSE(page.questions[1].ppm);
  CHECK(page.questions[1].left_word == "0 %");
  CHECK(page.questions[1].right_word == "100 %");
  CHECK(page.still_open == "Still open: questions 1 and 2");
  state.asked[0].answer = study::Word{"yes"};
  state.open = {"confidence"};
  const ReadingPage next = page_of(protocol, {}, {}, state);
  CHECK(next.questions[0].options[1].is_chosen);
  CHECK(next.still_open == "Still open: question 2");
}

TEST_CASE("What the AI says is on the page only when the session opens it", "[reader][page]") {
  const study::Protocol protocol = two_questions();
  study::Arm arm;
  arm.shows = {"ai_score"};
  arm.reveal = study::Reveal::kAfterAnswer;
  study::ItemAi ai;
  ai.score = 0.7;
  CaseState state = asked_all(protocol);
  CHECK_FALSE(page_of(protocol, arm, ai, state).ai.shows_any());
  CHECK(page_of(protocol, arm, ai, state).ai.is_waiting);
  state.shows_ai = true;
  CHECK(page_of(protocol, arm, ai, state).ai.score == 0.7);
  CHECK(page_of(protocol, arm, ai, state).ai.map_meaning == "Contribution to the AI’s logit");
  arm.heatmap_method = "score_cam";  // no contribution, and not in units of the logit
  CHECK(page_of(protocol, arm, ai, state).ai.map_meaning == "Weighted activation");
}

TEST_CASE("A choice among several is taken in and out, a number outside its range is none", "[reader][page]") {
  study::Question q;
  q.type = QuestionType::kMultichoice;
  q.levels = {"a", "b", "c"};
  const study::Answer one = chosen_answer(q, 2, std::nullopt);
  const study::Answer two = chosen_answer(q, 0, one);
  CHECK(std::get<study::Words>(two).texts == std::vector<std::string>{"a", "c"});
  CHECK(std::get<study::Words>(chosen_answer(q, 2, two)).texts == std::vector<std::string>{"a"});

  study::Question number;
  number.type = QuestionType::kNumber;
  number.max = 50;
  CHECK(std::get<study::Milli>(*written_answer(number, "23,5")).milli == 23500);
  CHECK_FALSE(written_answer(number, "51"));
  CHECK_FALSE(written_answer(number, "2x"));
  CHECK_FALSE(written_answer(number, ""));
}
