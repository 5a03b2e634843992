using System.Globalization;
using System.Reflection;
using Xunit.v3;

namespace Fastbridge.Tests.Support;

/// <summary>
/// Marks the proof of a row of the fault matrix, as the trait <c>Fault</c> with two digits (<c>-trait Fault=07</c>), and books how it ended in the
/// <see cref="FaultReport"/>. A row may have several proofs, and a test may prove several rows.
/// </summary>
/// <param name="row">From 1; <see cref="FaultRow.All"/> says what it is.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class FaultAttribute(int row) : BeforeAfterTestAttribute, ITraitAttribute
{
    public int Row => row;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Fault", row.ToString("00", CultureInfo.InvariantCulture))];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => FaultReport.Begin(test.UniqueID);

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => FaultReport.End(row, test.UniqueID, methodUnderTest.Name);
}
