"""The length of the shortest way, by relaxing all edges often enough; nothing of ours is used."""

from __future__ import annotations


def shortest(edges, start, end):
    far = {start: 0.0}
    for _ in range(len(edges)):
        for a, b, km in edges:
            for here, there in ((a, b), (b, a)):
                if here in far:
                    far[there] = min(far.get(there, float("inf")), far[here] + km)
    return far[end]
