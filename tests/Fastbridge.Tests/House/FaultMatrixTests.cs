using System.Reflection;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.House;

/// <summary>The fault matrix is whole: no row without a proof.</summary>
public class FaultMatrixTests
{
    private static readonly ILookup<int, MethodInfo> Proofs = (
        from type in typeof(FaultMatrixTests).Assembly.GetTypes()
        from method in type.GetMethods()
        from mark in method.GetCustomAttributes<FaultAttribute>()
        select (mark.Row, method)).ToLookup(p => p.Row, p => p.method);

    [Fact]
    public void every_row_of_the_matrix_has_a_test() => Assert.Equal(FaultRow.All.Select(r => r.Number), Proofs.Select(p => p.Key).Order());

    [Fact]
    public void no_test_proves_a_row_that_there_is_not()
    {
        Assert.Equal(Enumerable.Range(1, 32), FaultRow.All.Select(r => r.Number));
        Assert.All(Proofs, p => Assert.InRange(p.Key, 1, 32));
    }

    [Fact]
    public void a_marked_method_is_a_test_that_runs() =>
        Assert.All(Proofs.SelectMany(p => p).Distinct(), m => Assert.Null(m.GetCustomAttribute<FactAttribute>()!.Skip));
}
