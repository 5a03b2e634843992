using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Fastbridge.Tests.House;

/// <summary>Select and Where are ours wherever our code says them: LINQ's cost the executable megabytes (see <see cref="Sequences"/>).</summary>
public class SequencesTests
{
    [Theory]
    [InlineData("Fastbridge.Mqtt")]
    [InlineData("Fastbridge.Core")]
    [InlineData("Fastbridge.Kafka")]
    [InlineData("fastbridge")]
    public void no_assembly_of_ours_calls_linqs_select_or_where(string name)
    {
        using var file = new PEReader(File.OpenRead(System.Reflection.Assembly.Load(name).Location));
        MetadataReader metadata = file.GetMetadataReader();
        var called = new List<string>();
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            MemberReference member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference) continue;
            TypeReference type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
            if (metadata.GetString(type.Namespace) == "System.Linq")
                called.Add($"{metadata.GetString(type.Name)}.{metadata.GetString(member.Name)}");
        }

        Assert.Empty(called.Where(c => c is "Enumerable.Select" or "Enumerable.Where" or "ImmutableArrayExtensions.Select" or "ImmutableArrayExtensions.Where"));
    }

    [Fact]
    public void they_are_deferred_and_keep_the_order()
    {
        var numbers = new List<int> { 1, 2, 3 };
        IEnumerable<string> even = numbers.Where(n => n % 2 == 0).Select(n => $"n{n}");
        numbers.Add(4);
        Assert.Equal(["n2", "n4"], even);
        Assert.Equal("Fastbridge.Mqtt", even.GetType().Assembly.GetName().Name);
    }
}
