#include "ui/widgets/image_shader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "data/base/error.h"
#include "ui/widgets/gl.h"

namespace rationale::ui {
namespace {

constexpr char kVertexShader[] = R"(#version 330 core
uniform vec4 corners;  // left, top, right, bottom in clip coordinates
void main() {
  gl_Position = vec4(gl_VertexID % 2 == 0 ? corners.x : corners.z,
                     gl_VertexID / 2 == 0 ? corners.y : corners.w, 0, 1);
})";

constexpr char kFragmentShader[] = R"(#version 330 core
out vec4 colour;
uniform float framebuffer_height;
uniform vec2 origin, pixel_step;       // picture position (x, y) = (fragment - origin) / pixel_step
uniform sampler2D film;
uniform bool has_film, is_inverted;
uniform vec2 film_value;               // step, offset
uniform int window_function;           // 0 linear, 1 linear exact, 2 sigmoid
uniform float window_centre, window_width;
uniform vec2 film_size;                // columns, rows
uniform sampler2D map;
uniform bool has_map;
uniform vec2 map_value, map_size;
uniform vec2 cell_scale, cell_offset;  // picture centre = cell * scale + offset
uniform float map_scale, opacity;
uniform sampler2D table;

float displayed(float x) {             // PS3.3 C.11.2.1.2 and C.11.2.1.3
  float c = window_centre, w = window_width, y;
  if (window_function == 0) {
    y = w > 1.0 ? (x - (c - 0.5)) / (w - 1.0) + 0.5 : (x > c - 0.5 ? 1.0 : 0.0);
  } else if (window_function == 1) {
    y = (x - c) / w + 0.5;
  } else {
    y = 1.0 / (1.0 + exp(-4.0 * (x - c) / w));
  }
  y = clamp(y, 0.0, 1.0);
  return is_inverted ? 1.0 - y : y;
}

void main() {
  vec2 at = (vec2(gl_FragCoord.x, framebuffer_height - gl_FragCoord.y) - origin) / pixel_step;
  if (any(lessThan(at, vec2(0))) || any(greaterThanEqual(at, film_size))) {
    colour = vec4(0, 0, 0, 1);
    return;
  }
  float grey = 0.0;
  if (has_film) {
    // A bilinear tap covers two pixels; as many taps as the fragment needs, at most 4 x 4.
    vec2 footprint = 1.0 / pixel_step;
    ivec2 taps = clamp(ivec2(ceil(footprint / 2.0)), ivec2(1), ivec2(4));
    float sum = 0.0;
    for (int row = 0; row < taps.y; ++row) {
      for (int col = 0; col < taps.x; ++col) {
        vec2 shift = ((vec2(col, row) + 0.5) / vec2(taps) - 0.5) * footprint;
        sum += texture(film, (at + shift) / film_size).r;
      }
    }
    grey = displayed(sum / float(taps.x * taps.y) * film_value.x + film_value.y);
  }
  vec3 result = vec3(grey);
  if (has_map) {
    vec2 cell = (at - 0.5 - cell_offset) / cell_scale;
    if (all(greaterThanEqual(cell, vec2(-0.5))) && all(lessThanEqual(cell, map_size - 0.5))) {
      float h = (texture(map, (cell + 0.5) / map_size).r * map_value.x + map_value.y) / map_scale;
      vec3 over = texture(table, vec2((clamp(h, 0.0, 1.0) * 255.0 + 0.5) / 256.0, 0.5)).rgb;
      result = mix(result, over, opacity * smoothstep(0.1, 0.5, h));
    }
  }
  colour = vec4(result, 1);
})";

GLuint compile(GLenum kind, const char* source) {
  const GLuint shader = glCreateShader(kind);
  glShaderSource(shader, 1, &source, nullptr);
  glCompileShader(shader);
  GLint is_ok = GL_FALSE;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &is_ok);
  if (is_ok != GL_TRUE) {
    std::string log(1024, '\0');
    GLsizei length = 0;
    glGetShaderInfoLog(shader, static_cast<GLsizei>(log.size()), &length, log.data());
    log.resize(static_cast<std::size_t>(length));
    glDeleteShader(shader);
    throw Error(Error::Kind::kEnvironment, "the graphics driver refuses the image shader: " + log,
                "OpenGL", "set LIBGL_ALWAYS_SOFTWARE=1 to use the software driver");
  }
  return shader;
}

}  // namespace

Texture::~Texture() {
  if (id_ != 0) glDeleteTextures(1, &id_);
}

Texture::Texture(Texture&& other) noexcept { *this = std::move(other); }

Texture& Texture::operator=(Texture&& other) noexcept {
  std::swap(id_, other.id_);
  rows_ = other.rows_;
  cols_ = other.cols_;
  value_step_ = other.value_step_;
  value_offset_ = other.value_offset_;
  return *this;
}

namespace {

GLuint make_texture() {
  GLuint id = 0;
  glGenTextures(1, &id);
  glBindTexture(GL_TEXTURE_2D, id);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
  return id;
}

}  // namespace

ImageShader::ImageShader(const ColourTable& colours) {
  const GLuint vertex = compile(GL_VERTEX_SHADER, kVertexShader);
  const GLuint fragment = compile(GL_FRAGMENT_SHADER, kFragmentShader);
  program_ = glCreateProgram();
  glAttachShader(program_, vertex);
  glAttachShader(program_, fragment);
  glLinkProgram(program_);
  glDeleteShader(vertex);
  glDeleteShader(fragment);
  GLint is_ok = GL_FALSE;
  glGetProgramiv(program_, GL_LINK_STATUS, &is_ok);
  if (is_ok != GL_TRUE) {
    glDeleteProgram(program_);
    throw Error(Error::Kind::kEnvironment, "the graphics driver cannot link the image shader",
                "OpenGL", "set LIBGL_ALWAYS_SOFTWARE=1 to use the software driver");
  }
  glGenVertexArrays(1, &vertices_);
  colours_.id_ = make_texture();
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB8, 256, 1, 0, GL_RGB, GL_UNSIGNED_BYTE, colours.data());
}

ImageShader::~ImageShader() {
  glDeleteVertexArrays(1, &vertices_);
  glDeleteProgram(program_);
}

Texture ImageShader::upload(const Plane& plane) const {
  GLint limit = 0;
  glGetIntegerv(GL_MAX_TEXTURE_SIZE, &limit);
  if (plane.rows > limit || plane.cols > limit) {
    throw Error(
        Error::Kind::kEnvironment,
        fmt::format("a picture of {} x {} pixels is larger than the graphics driver takes ({})",
                    plane.cols, plane.rows, limit));
  }
  Texture texture;
  texture.rows_ = plane.rows;
  texture.cols_ = plane.cols;
  texture.id_ = make_texture();
  const auto [low, high] = std::minmax_element(plane.values.begin(), plane.values.end());
  const float lowest = plane.values.empty() ? 0 : *low;
  const bool is_whole = !plane.values.empty() && *high - lowest <= 65535 &&
                        std::all_of(plane.values.begin(), plane.values.end(),
                                    [](float v) { return v == std::floor(v); });
  if (is_whole) {
    std::vector<std::uint16_t> stored(plane.values.size());
    std::transform(plane.values.begin(), plane.values.end(), stored.begin(),
                   [&](float v) { return static_cast<std::uint16_t>(v - lowest); });
    glTexImage2D(GL_TEXTURE_2D, 0, GL_R16, plane.cols, plane.rows, 0, GL_RED, GL_UNSIGNED_SHORT,
                 stored.data());
    texture.value_step_ = 65535;
    texture.value_offset_ = lowest;
  } else {
    glTexImage2D(GL_TEXTURE_2D, 0, GL_R32F, plane.cols, plane.rows, 0, GL_RED, GL_FLOAT,
                 plane.values.data());
  }
  return texture;
}

void ImageShader::draw(const ImageFrame& frame) const {
  GLint viewport[4];
  glGetIntegerv(GL_VIEWPORT, viewport);
  const auto width = static_cast<float>(viewport[2]);
  const float height = frame.framebuffer_height;
  const auto place = [&](const char* name) { return glGetUniformLocation(program_, name); };
  const auto set2 = [&](const char* name, double a, double b) {
    glUniform2f(place(name), static_cast<float>(a), static_cast<float>(b));
  };

  glUseProgram(program_);
  glBindVertexArray(vertices_);
  glDisable(GL_BLEND);
  glUniform4f(place("corners"), 2 * frame.x / width - 1, 1 - 2 * frame.y / height,
              2 * (frame.x + frame.width) / width - 1, 1 - 2 * (frame.y + frame.height) / height);
  glUniform1f(place("framebuffer_height"), height);
  set2("origin", frame.placement.x0, frame.placement.y0);
  set2("pixel_step", frame.placement.col_step, frame.placement.row_step);

  glUniform1i(place("film"), 0);
  glUniform1i(place("map"), 1);
  glUniform1i(place("table"), 2);
  const auto bind = [](GLenum unit, const Texture* texture) {
    glActiveTexture(unit);
    glBindTexture(GL_TEXTURE_2D, texture == nullptr ? 0 : texture->id());
  };
  bind(GL_TEXTURE2, &colours_);
  bind(GL_TEXTURE1, frame.map);
  bind(GL_TEXTURE0, frame.film);

  glUniform1i(place("has_film"), frame.film != nullptr ? 1 : 0);
  if (frame.film != nullptr) set2("film_value", frame.film->value_step_, frame.film->value_offset_);
  glUniform1i(place("is_inverted"), frame.is_inverted ? 1 : 0);
  glUniform1i(place("window_function"), static_cast<int>(frame.window.function));
  glUniform1f(place("window_centre"), static_cast<float>(frame.window.centre));
  glUniform1f(place("window_width"), static_cast<float>(frame.window.width));
  set2("film_size", frame.extent.cols, frame.extent.rows);

  glUniform1i(place("has_map"), frame.map != nullptr ? 1 : 0);
  if (frame.map != nullptr) {
    set2("map_value", frame.map->value_step_, frame.map->value_offset_);
    set2("map_size", frame.map->cols(), frame.map->rows());
    set2("cell_scale", frame.cell_to_picture.col_scale, frame.cell_to_picture.row_scale);
    set2("cell_offset", frame.cell_to_picture.col_offset, frame.cell_to_picture.row_offset);
    glUniform1f(place("map_scale"), frame.map_scale);
    glUniform1f(place("opacity"), frame.opacity);
  }
  glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

}  // namespace rationale::ui
