// What the explanation browser shows and how keys change it: a state without window, files or
// clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "ui/widgets/input_ring.h"

namespace rationale::ui {

class Browser {
 public:
  /// @param logits  [case][class], as many cases as names, at least one class
  Browser(std::vector<std::string> cases, std::vector<std::string> classes,
          std::vector<std::vector<float>> logits);

  // The list: cases that match what is searched for, by logit of the chosen class, highest first.
  const std::vector<std::size_t>& listed() const { return listed_; }
  bool is_empty() const { return cases_.empty(); }
  const std::string& case_name(std::size_t case_index) const { return cases_[case_index]; }
  float logit(std::size_t case_index, std::size_t class_index) const {
    return logits_[case_index][class_index];
  }
  const std::vector<std::string>& classes() const { return classes_; }

  // The choice. It stays when the list is sorted anew or narrowed.
  std::size_t chosen_case() const { return case_; }
  std::size_t chosen_class() const { return class_; }
  void choose_case(std::size_t case_index) { case_ = case_index; }
  void choose_class(std::size_t class_index);
  /// By name; false if there is none.
  bool choose_case(const std::string& name);
  bool choose_class(const std::string& name);
  /// Where the chosen case stands in the list; listed().size() if it is not listed.
  std::size_t place_in_list() const;

  // Search.
  bool is_searching() const { return is_searching_; }
  const std::string& searched() const { return searched_; }
  void start_search() { is_searching_ = true; }

  // The overlay.
  bool is_heatmap_visible() const { return has_heatmap_ && !is_hidden_while_held_; }
  bool is_heatmap_on() const { return has_heatmap_; }
  bool has_outline() const { return has_outline_; }
  bool is_beside() const { return is_beside_; }
  /// Colours relative to this image's largest cell, instead of one scale for all cases of a class.
  bool has_own_scale() const { return has_own_scale_; }
  int opacity_percent() const { return opacity_percent_; }
  void toggle_heatmap() { has_heatmap_ = !has_heatmap_; }
  void toggle_outline() { has_outline_ = !has_outline_; }
  void toggle_beside() { is_beside_ = !is_beside_; }
  void toggle_own_scale() { has_own_scale_ = !has_own_scale_; }
  void change_opacity(int percent);

  /// What a key asks of others than this state.
  enum class Wish { kNothing, kCopyText, kFit, kWindow };
  struct Answer {
    Wish wish = Wish::kNothing;
    double level_steps = 0, width_steps = 0;  ///< kWindow
  };

  /// Keys, characters and lost focus; all else is left alone.
  ///
  /// ↑ ↓ PgUp PgDn Home End  case     ← →  class     / search (Esc clears it, Enter keeps it)
  /// H  tap toggles the heatmap, hold hides it     U outline     B beside     S own scale     - = opacity
  /// C  copy the text     0 fit, first window     Shift + arrows  window and level
  Answer handle(const InputEvent& event);

 private:
  void list_anew();
  void move(long long steps);
  void search_key(const InputEvent& event);
  Answer arrow_key(const InputEvent& event);
  void release_h(const InputEvent& event);

  std::vector<std::string> cases_, classes_;
  std::vector<std::vector<float>> logits_;
  std::vector<std::size_t> listed_;
  std::size_t case_ = 0, class_ = 0;
  std::string searched_;
  bool is_searching_ = false;
  bool has_heatmap_ = true, has_outline_ = false, is_beside_ = false, has_own_scale_ = false;
  bool is_hidden_while_held_ = false;
  std::chrono::steady_clock::time_point held_since_;
  int opacity_percent_ = 40;
};

}  // namespace rationale::ui
