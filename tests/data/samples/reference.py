#!/usr/bin/python3
"""Digests of phantoms by a second implementation of docs/phantoms.md, for phantom_test.cpp.

Written from the description with whole-image numpy arrays; shares no code with data/samples.
"""
import hashlib
import numpy as np

M = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15


def mix(z):
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M
    z = (z ^ z >> 27) * 0x94D049BB133111EB & M
    return z ^ z >> 31


def uniforms(seed, index, purpose, count):
    state = mix(seed + STEP & M)
    state = mix(state + purpose + STEP & M)
    state = mix(state + index + STEP & M)
    for _ in range(count):
        state = state + STEP & M
        yield (mix(state) >> 11) * 2.0 ** -53


def stamp(text, x0, y0, scale):
    font = dict(P="111 101 111 100 100", O="111 101 101 101 111", R="111 101 110 101 101",
                T="111 010 010 010 010", A="111 101 111 101 101", B="110 101 110 101 110",
                L="100 100 100 100 111", E="111 100 110 100 111")
    plane = np.zeros((96, 96))
    for n, letter in enumerate(text):
        for r, bits in enumerate(font[letter].split()):
            for c, bit in enumerate(bits):
                if bit == "1":
                    y, x = y0 + r * scale, x0 + (4 * n + c) * scale
                    plane[y:y + scale, x:x + scale] = 1
    return plane


def phantom(seed, index, present):
    draw = uniforms(seed, index, 1, 28 + 96 * 96)
    between = lambda low, high: low + (high - low) * next(draw)
    dx, dy, sc, hr = between(-.02, .02), between(-.02, .02), between(.95, 1.05), between(.105, .125)
    q = [next(draw) for _ in range(24)]
    pairs = [next(draw) for _ in range(96 * 96)]
    radius = np.sqrt(-2 * np.log(1 - np.array(pairs[0::2])))
    angle = 2 * np.pi * np.array(pairs[1::2])
    noise = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(96, 96)

    v, u = np.meshgrid(np.arange(96) / 95, np.arange(96) / 95, indexing="ij")
    soft = lambda x: 1 / (1 + np.exp(np.clip(x, -50, 50)))
    dist = lambda cx, cy, rx, ry: np.sqrt(((u - cx) / rx) ** 2 + ((v - cy) / ry) ** 2)
    ell = lambda cx, cy, rx, ry, s: soft((dist(cx, cy, rx, ry) - 1) / s)
    sign = lambda k: 1 if q[k] < .5 else -1
    clip = np.clip
    mid = .5 + dx

    image = .55 + .25 * ell(.5 + dx, .55 + dy, .47 * sc, .60 * sc, .06)
    lung = np.maximum(ell(.30 + dx, .46 + dy, .155 * sc, .30 * sc, .08),
                      ell(.70 + dx, .46 + dy, .155 * sc, .30 * sc, .08))
    image -= .42 * lung
    vessel = 0
    for j in range(9):
        a = 2 * np.pi * q[j]
        vessel = vessel + .03 * np.cos(2 * np.pi * (np.cos(a) * u + np.sin(a) * v) * (6 + j) + 7 * q[j])
    texture = vessel * lung
    rib = sum(np.exp(-((v - (.16 + .085 * j + dy) - .35 * (u - mid) ** 2) / .012) ** 2)
              for j in range(7))
    image += .07 * rib * clip(lung + .3, 0, 1)
    if "pneumothorax" in present:
        d = dist(mid + .20 * sign(10), .46 + dy, .155 * sc, .30 * sc)
        lateral = (u - mid) * sign(10)
        edge = .80 + .05 * q[11]
        air = (edge < d) & (d < 1) & (v < .52) & (lateral > .16)
        texture[air] = 0
        image[air] -= .06
        image += np.where((v < .52) & (lateral > .10), .22 * np.exp(-((d - edge) / .035) ** 2), 0)
    image += texture
    big = "cardiomegaly" in present
    image = np.maximum(image, .80 * ell(.53 + dx, .62 + dy, hr * (1.45 + .1 * q[12]) if big else hr,
                                        .157 if big else .14, .06))
    image = np.maximum(image, .78 * np.maximum(ell(.30 + dx, .86 + dy, .19, .13, .05),
                                               ell(.70 + dx, .88 + dy, .19, .13, .05)))
    if "nodule" in present:
        x, y, s = mid + sign(13) * (.17 + .06 * q[14]), .30 + .25 * q[15] + dy, .022 + .008 * q[16]
        image += .34 * np.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * s * s))
    if "consolidation" in present:
        x, y = mid + sign(17) * .19, .40 + .22 * q[18] + dy
        image += (.22 * np.exp(-((u - x) / .085) ** 2 - ((v - y) / .07) ** 2)
                  * clip(.75 + .5 * abs(vessel) / .08, .5, 1.3) * lung)
    if "effusion" in present:
        side = (u - mid) * sign(19)
        m = .56 + .08 * q[20] + dy - .10 * clip((side - .1) / .25, 0, 1) ** 2
        image += np.where(side > .04, .34 * soft(-(v - m) / .012) * clip(1.5 * lung, 0, 1), 0)
    if "shoulder" in present:
        image += .30 * np.exp(-((u - .08) / .10) ** 2 - ((v - .10) / .09) ** 2)
    if "marker" in present:
        image += .55 * stamp("L", 86, 6, 2)
    if "portable" in present:
        image += .45 * stamp("PORTABLE", 4, 88, 1)
    image = clip(image + .04 * noise, 0, 1.2).astype(np.float32)  # pixels are float32
    return np.round(image.astype(float) / 1.2 * 4095).astype("<u2")


ALL = ("nodule", "consolidation", "effusion", "pneumothorax", "cardiomegaly", "marker", "portable",
       "shoulder")
if __name__ == "__main__":
    for seed, index, present in ((7, 3, ()), (7, 3, ALL), (2024, 999, ALL), (11, 0, ALL[:5]),
                                 (1, 12, ALL[5:])):
        bits = sum(1 << k for k, name in enumerate(ALL) if name in present)
        values = phantom(seed, index, present)
        print(f'{{{seed}, {index}, 0x{bits:02x}, {values[40, 30]}, {values[10, 9]},\n '
              f'"{hashlib.sha256(values.tobytes()).hexdigest()}"}},')
