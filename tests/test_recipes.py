import pytest
from hydra import compose, initialize_config_dir

from lcpjax.config_check import changed, identity, typed_config
from lcpjax.recipes import CONF, RecipeError, model_recipe

RECIPES = sorted(path.stem for path in (CONF / "model").glob("*.yaml") if path.stem != "all_keys")


def composed(*words):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=["+experiment=train", *words]))


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_changes_a_config_as_the_command_line_does(recipe):
    assert identity(changed(composed(), model_recipe(recipe))) == identity(composed(f"model={recipe}"))


def test_an_unknown_recipe_is_refused_with_what_is_near_it():
    with pytest.raises(RecipeError, match="model = bst: did you mean 'best'"):
        model_recipe("bst")
