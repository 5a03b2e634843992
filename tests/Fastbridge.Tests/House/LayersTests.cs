using System.Reflection;

namespace Fastbridge.Tests.House;

/// <summary>Imports run one way: Fastbridge -> Kafka -> Core -> Mqtt.</summary>
public class LayersTests
{
    [Theory]
    [InlineData("Fastbridge.Mqtt", "")]
    [InlineData("Fastbridge.Core", "Fastbridge.Mqtt")]
    [InlineData("Fastbridge.Kafka", "Fastbridge.Core Fastbridge.Mqtt")]
    public void a_layer_references_only_the_layers_below_it(string layer, string below)
    {
        IEnumerable<string> ours = Assembly.Load(layer).GetReferencedAssemblies()
            .Select(a => a.Name!)
            .Where(n => n.StartsWith("Fastbridge", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(ours.Except(below.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    /// <summary>Yaml.substitutions.xml takes the engine of Regex out of the executable, where YamlDotNet alone names it; a Regex of ours would match everything there.</summary>
    [Theory]
    [InlineData("Fastbridge.Mqtt")]
    [InlineData("Fastbridge.Core")]
    [InlineData("Fastbridge.Kafka")]
    [InlineData("fastbridge")]
    public void nothing_of_ours_uses_regular_expressions(string assembly) =>
        Assert.DoesNotContain("System.Text.RegularExpressions", Assembly.Load(assembly).GetReferencedAssemblies().Select(a => a.Name));
}
