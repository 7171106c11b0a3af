#include "ui/widgets/window.h"

#include "ui/widgets/gl.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "data/base/error.h"

namespace rationale::ui {
namespace {

std::string last_glfw_error;  // GLFW reports through a callback without user data

void remember_error(int, const char* description) {
  last_glfw_error = description == nullptr ? "" : description;
}

std::string display_name() {
  const char* wayland = std::getenv("WAYLAND_DISPLAY");
  const char* x11 = std::getenv("DISPLAY");
  if (x11 != nullptr && *x11 != '\0') return std::string("DISPLAY=") + x11;
  if (wayland != nullptr && *wayland != '\0') return std::string("WAYLAND_DISPLAY=") + wayland;
  return "DISPLAY is not set";
}

[[noreturn]] void throw_no_display(const std::string& instead) {
  throw Error(
      Error::Kind::kEnvironment,
      "no display: " + (last_glfw_error.empty() ? "a window cannot be opened" : last_glfw_error),
      display_name(),
      "set DISPLAY, or use ssh -X" + (instead.empty() ? "" : ", or " + instead))
      .with_code("no_display");
}

}  // namespace

struct AppWindow::Handle {
  GLFWwindow* window = nullptr;
  bool has_context = false, has_glfw_backend = false, has_gl_backend = false;

  ~Handle() {
    if (has_gl_backend) ImGui_ImplOpenGL3_Shutdown();
    if (has_glfw_backend) ImGui_ImplGlfw_Shutdown();
    if (has_context) ImGui::DestroyContext();
    if (window != nullptr) glfwDestroyWindow(window);
    glfwTerminate();
  }
};

AppWindow::AppWindow(const AppWindowOptions& options) {
  last_glfw_error.clear();
  glfwSetErrorCallback(remember_error);
#ifdef GLFW_PLATFORM  // GLFW 3.4 tries Wayland first, whose library complains where there is none
  if (std::getenv("WAYLAND_DISPLAY") == nullptr && glfwPlatformSupported(GLFW_PLATFORM_X11)) {
    glfwInitHint(GLFW_PLATFORM, GLFW_PLATFORM_X11);
  }
#endif
  if (glfwInit() == GLFW_FALSE) throw_no_display(options.without_display);
  handle_ = std::make_unique<Handle>();
  if (glfwGetPrimaryMonitor() == nullptr) throw_no_display(options.without_display);

  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
  glfwWindowHint(GLFW_VISIBLE, options.is_visible ? GLFW_TRUE : GLFW_FALSE);
  GLFWwindow* window =
      glfwCreateWindow(options.width, options.height, options.title.c_str(), nullptr, nullptr);
  if (window == nullptr) {
    throw Error(Error::Kind::kEnvironment,
                "the display has no OpenGL 3.3: " +
                    (last_glfw_error.empty() ? "no context" : last_glfw_error),
                display_name(),
                "install a driver, or the software one: apt install libgl1-mesa-dri")
        .with_code("no_opengl");
  }
  handle_->window = window;
  glfwMakeContextCurrent(window);
  glfwSwapInterval(1);
  const auto* renderer = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  renderer_ = renderer == nullptr ? "" : renderer;

  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  handle_->has_context = true;
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // no file in the working directory, no window places that differ
  io.LogFilename = nullptr;
  io.ConfigFlags |= ImGuiConfigFlags_NoMouseCursorChange;

  ring_.listen_to(window);  // before Dear ImGui, which chains what it finds
  handle_->has_glfw_backend = ImGui_ImplGlfw_InitForOpenGL(window, true);
  handle_->has_gl_backend = ImGui_ImplOpenGL3_Init("#version 330 core");
  if (!handle_->has_glfw_backend || !handle_->has_gl_backend) {
    throw Error(Error::Kind::kEnvironment, "Dear ImGui cannot use this OpenGL", renderer_);
  }
  adopt_scale();
}

AppWindow::~AppWindow() = default;

void AppWindow::adopt_scale() {
  int window_width = 0, window_height = 0, buffer_width = 0, buffer_height = 0;
  glfwGetWindowSize(handle_->window, &window_width, &window_height);
  glfwGetFramebufferSize(handle_->window, &buffer_width, &buffer_height);
  float content = 1, ignored = 1;
  glfwGetWindowContentScale(handle_->window, &content, &ignored);
  if (window_width <= 0 || buffer_width <= 0) return;  // minimised
  // On X11 window units are pixels; on others they may be larger.
  const float density = static_cast<float>(buffer_width) / static_cast<float>(window_width);
  const float scale = std::max(0.5F, content) / density;
  if (scale == scale_ && density == density_) return;
  scale_ = scale;
  density_ = density;
  fonts_.build(scale_, density_);
  ImGui_ImplOpenGL3_DestroyDeviceObjects();  // made anew, with the new fonts, by the next frame
}

void AppWindow::wait(std::chrono::milliseconds longest) {
  // A loop over the rest of the time: input is stamped when it comes, not when a sleep ends.
  const auto end = std::chrono::steady_clock::now() + longest;
  glfwPollEvents();
  while (ring_.is_empty() && !is_closing()) {
    const std::chrono::duration<double> rest = end - std::chrono::steady_clock::now();
    if (rest.count() <= 0) break;
    glfwWaitEventsTimeout(rest.count());
  }
}

bool AppWindow::is_closing() const { return glfwWindowShouldClose(handle_->window) != GLFW_FALSE; }

void AppWindow::close() { glfwSetWindowShouldClose(handle_->window, GLFW_TRUE); }

float AppWindow::width() const {
  int width = 0, height = 0;
  glfwGetWindowSize(handle_->window, &width, &height);
  return static_cast<float>(width) / scale_;
}

float AppWindow::height() const {
  int width = 0, height = 0;
  glfwGetWindowSize(handle_->window, &width, &height);
  return static_cast<float>(height) / scale_;
}

Spot AppWindow::logical(float x, float y) const { return {x / scale_, y / scale_}; }

Canvas AppWindow::begin_frame() {
  adopt_scale();
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  ImGui::NewFrame();
  areas_.clear();
  double x = 0, y = 0;
  glfwGetCursorPos(handle_->window, &x, &y);
  Spot pointer = logical(static_cast<float>(x), static_cast<float>(y));
  if (glfwGetWindowAttrib(handle_->window, GLFW_HOVERED) == GLFW_FALSE) pointer = {-1, -1};
  return {*ImGui::GetBackgroundDrawList(), fonts_, areas_, scale_, pointer};
}

namespace {

void render(int width, int height) {
  ImGui::Render();
  glViewport(0, 0, width, height);
  constexpr Colour c = theme::kGround;
  glClearColor(c.red / 255.0F, c.green / 255.0F, c.blue / 255.0F, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

}  // namespace

void AppWindow::end_frame() {
  int width = 0, height = 0;
  glfwGetFramebufferSize(handle_->window, &width, &height);
  render(width, height);
  glfwSwapBuffers(handle_->window);
}

Pixels AppWindow::end_frame_as_picture() {
  int width = 0, height = 0;
  glfwGetFramebufferSize(handle_->window, &width, &height);
  GLuint framebuffer = 0, buffer = 0;
  glGenFramebuffers(1, &framebuffer);
  glGenRenderbuffers(1, &buffer);
  glBindRenderbuffer(GL_RENDERBUFFER, buffer);
  glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, width, height);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, buffer);
  render(width, height);
  Pixels bottom_up{height, width, {}};
  bottom_up.values.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, bottom_up.values.data());
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  glDeleteRenderbuffers(1, &buffer);
  glDeleteFramebuffers(1, &framebuffer);

  Pixels pixels{height, width, {}};
  pixels.values.reserve(bottom_up.values.size());
  const auto row_bytes = static_cast<std::ptrdiff_t>(width) * 3;
  for (int row = height - 1; row >= 0; --row) {
    const auto begin = bottom_up.values.begin() + row * row_bytes;
    pixels.values.insert(pixels.values.end(), begin, begin + row_bytes);
  }
  return pixels;
}

void AppWindow::set_cursor(Cursor cursor) {
  glfwSetInputMode(handle_->window, GLFW_CURSOR,
                   cursor == Cursor::kShown ? GLFW_CURSOR_NORMAL : GLFW_CURSOR_HIDDEN);
}

void AppWindow::wake() { glfwPostEmptyEvent(); }

AppWindow::Display AppWindow::display() const {
  Display display;
  GLFWmonitor* monitor = glfwGetPrimaryMonitor();
  if (monitor != nullptr) {
    // The monitor that holds the window's middle.
    int x = 0, y = 0, width = 0, height = 0, n = 0;
    glfwGetWindowPos(handle_->window, &x, &y);
    glfwGetWindowSize(handle_->window, &width, &height);
    GLFWmonitor** monitors = glfwGetMonitors(&n);
    for (int i = 0; i < n; ++i) {
      int left = 0, top = 0;
      glfwGetMonitorPos(monitors[i], &left, &top);
      const GLFWvidmode* mode = glfwGetVideoMode(monitors[i]);
      const int cx = x + width / 2 - left, cy = y + height / 2 - top;
      if (mode != nullptr && cx >= 0 && cy >= 0 && cx < mode->width && cy < mode->height) {
        monitor = monitors[i];
      }
    }
    const char* name = glfwGetMonitorName(monitor);
    display.monitor = name == nullptr ? "" : name;
    if (const GLFWvidmode* mode = glfwGetVideoMode(monitor)) {
      display.width = mode->width;
      display.height = mode->height;
      display.refresh_hz = mode->refreshRate;
    }
    const GLFWgammaramp* ramp = glfwGetGammaRamp(monitor);
    if (ramp != nullptr && ramp->size > 1) {
      display.has_gamma = true;
      for (unsigned int i = 0; i < ramp->size; ++i) {
        const double ideal = static_cast<double>(i) / (ramp->size - 1);
        for (const unsigned short* channel : {ramp->red, ramp->green, ramp->blue}) {
          if (std::abs(channel[i] / 65535.0 - ideal) > 4e-3) display.is_gamma_identity = false;
        }
      }
    }
  }
  float vertical = 1;
  glfwGetWindowContentScale(handle_->window, &display.content_scale, &vertical);
  GLint red = 8, green = 8, blue = 8;
  const auto bits = [](GLenum which, GLint& value) {
    glGetFramebufferAttachmentParameteriv(GL_FRAMEBUFFER, GL_BACK_LEFT, which, &value);
  };
  bits(GL_FRAMEBUFFER_ATTACHMENT_RED_SIZE, red);
  bits(GL_FRAMEBUFFER_ATTACHMENT_GREEN_SIZE, green);
  bits(GL_FRAMEBUFFER_ATTACHMENT_BLUE_SIZE, blue);
  display.grey_bits = std::min({red, green, blue});
  display.is_focused = glfwGetWindowAttrib(handle_->window, GLFW_FOCUSED) == GLFW_TRUE;
  return display;
}

void AppWindow::copy_text(const std::string& text) {
  glfwSetClipboardString(handle_->window, text.c_str());
}

}  // namespace rationale::ui
