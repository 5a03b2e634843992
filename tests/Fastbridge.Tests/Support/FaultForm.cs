namespace Fastbridge.Tests.Support;

/// <summary>
/// How large the fault matrix is run: quick (seconds a row, in scripts/test.sh), or long with FASTBRIDGE_FAULTS=long (scripts/faults.sh). It is the same
/// tests with other numbers.
/// </summary>
public static class FaultForm
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("FASTBRIDGE_FAULTS") == "long";

    public static int Pick(int quick, int full) => IsLong ? full : quick;
}
