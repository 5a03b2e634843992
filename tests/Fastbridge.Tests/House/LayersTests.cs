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
}
