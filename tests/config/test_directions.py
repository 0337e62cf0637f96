"""Imports go one way: no two rooms, packages or modules import each other."""

import grimp


def test_no_two_packages_import_each_other_at_any_depth() -> None:
    graph = grimp.build_graph("config", "cases", "monitoring", cache_dir=None)
    packages = [module for module in graph.modules if graph.find_children(module)]
    assert len(packages) > 10
    assert {package: graph.nominate_cycle_breakers(package) for package in packages} == dict.fromkeys(
        packages, set()
    )


def test_no_import_makes_the_roof_known_below() -> None:
    graph = grimp.build_graph("config", "cases", "monitoring", cache_dir=None)
    assert graph.find_illegal_dependencies_for_layers(layers=["config", "cases", "monitoring"]) == set()
