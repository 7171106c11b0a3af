// OpenGL 3.3 core functions, for the .cpp files of this folder. Linked directly: libOpenGL exports
// them.
#pragma once

#define GL_GLEXT_PROTOTYPES
#include <GL/glcorearb.h>
